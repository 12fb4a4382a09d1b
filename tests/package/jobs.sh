# Jobs of the kinds that programs of a Debian do, without any service: each job's name, its output, its status. The output
# is the same in every run. A job of a program that is not installed is passed over.
job() {
  printf '== %s\n' "$1"
  shift
  timeout 120 "$@" 2>&1
  printf '\n== %d\n' "$?"
}
has() { command -v "$1" > /dev/null; }
work=/tmp/jobs
rm -rf "$work"
mkdir "$work" && cd "$work" || exit 1
printf '%s\n' pear apple fig > fruit

job sort sort fruit
job sort-many sh -c 'seq 20000 | sort -R --random-source=/etc/passwd | sort -n | tail -n 1'
job grep grep -n -E '^(pear|fig)$' fruit
job grep-pcre grep -P 'a(?=p)' fruit
job sed sed -e 's/\(p\)/<\1>/g' -e 2d fruit
job awk awk '{ n += length($0) } END { printf "%d %.3f %s\n", n, sqrt(n), toupper("ok") }' fruit
job bash bash -c 'shopt -s extglob; declare -A a=([x]=1); echo "${!a[@]}" "${BASH_VERSINFO[0]}" $((2 ** 40)) @(fruit)'
job bash-coprocess bash -c 'coproc cat; echo line >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; echo "$l"'
job bash-trap bash -c 'trap "echo caught" USR1; kill -USR1 $$; echo after'
job dash dash -c 'set -- a b; for i; do printf %s- "$i"; done; echo'
job pipe sh -c 'yes | head -n 100000 | wc -l'
job many-starts sh -c 'i=0; while [ $i -lt 100 ]; do /bin/true || exit; i=$((i + 1)); done; echo $i'
job dies-by-signal sh -c 'sh -c "kill -SEGV \$\$"; echo $?'
job missing-program sh -c './none; echo $?'
job tar sh -c 'tar -cf a.tar fruit && tar -tvf a.tar --numeric-owner | cut -c 1-30'
job gzip sh -c 'gzip -k9 fruit && gzip -l fruit.gz | tail -n 1 && zcat fruit.gz | tail -n 1'
job tar-gzip sh -c 'tar -C /etc -cz passwd group | tar -tz'
job find find /etc -maxdepth 1 -name 'passwd' -printf '%p %m %U\n'
job xargs sh -c 'printf "%s\0" a "b c" | xargs -0 -n 1 echo'
job diff diff -u fruit /dev/null --label a --label b
job cmp cmp fruit /etc/passwd
job digest sha512sum fruit
job digest-check sh -c 'sha256sum fruit > sums; sha256sum -c sums'
job base64 sh -c 'base64 fruit | base64 -d'
job od od -c fruit
job date date -u -d '2001-02-03 04:05:06' '+%A %j %s'
job date-zone env TZ=Europe/Berlin date -d @0 '+%F %T %Z'
job numbers sh -c 'printf "%.20f %a\n" 0.1 1.5; numfmt --to=iec 123456789; factor 1000000007'
job locale env LC_ALL=C.UTF-8 sh -c 'printf "%s" "äöü" | wc -m; locale charmap'
job iconv sh -c 'printf "\344" | iconv -f latin1 -t utf-8'
job names getent passwd root nobody
job hosts getent hosts localhost
job id id root
job user sh -c 'useradd -m visitor && su visitor -c "id -un; pwd" && usermod -c "A Name" visitor && getent passwd visitor; userdel -r visitor 2> /dev/null'
job password sh -c 'echo "root:secret" | chpasswd && passwd -S root | cut -d " " -f 1,2; passwd -d root'
job set-user-id su nobody -s /bin/sh -c 'cd /; passwd -S | cut -d " " -f 1'
job stat stat -c '%A %U %s' /usr/bin/passwd
job links sh -c 'ln fruit hard; ln -s fruit soft; readlink -f soft; stat -c %h fruit'
job unshare unshare --user --map-root-user id -u
job flock flock lock echo locked
job lscpu sh -c 'lscpu | grep -c Architecture'
job ldd sh -c 'ldd /bin/ls | sed "s/ (0x.*//; s/0x[0-9a-f]*//" | grep -v ld-linux | sort'
job perl perl -MPOSIX -MSocket -e 'print floor(2.5), " ", inet_ntoa(inet_aton("localhost")), " ", join(",", sort keys %{{b=>1,a=>2}}), "\n"'
job perl-fork perl -e 'my $p = fork // die; if (!$p) { exit 7 } waitpid $p, 0; print $? >> 8, "\n"'
job dpkg sh -c 'dpkg -l | grep -v ldseal | grep -c ^ii; dpkg -S /bin/ls; dpkg --compare-versions 1.2 lt 1.10 && echo less'
job dpkg-deb sh -c 'mkdir -p p/DEBIAN && printf "Package: empty\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: none\n" > p/DEBIAN/control && dpkg-deb -b p e.deb && dpkg-deb -f e.deb Version && { dpkg -i e.deb && dpkg -P empty; } | grep -v "^(Reading database"'
job dpkg-verify sh -c 'dpkg --verify | grep -v /usr/share/doc | grep -v " c /etc"'
job apt apt-cache policy dpkg
job apt-config apt-config dump APT::Architecture
job debconf sh -c 'debconf-show debconf | wc -l'
job diversions sh -c 'dpkg-divert --list | grep -v ld-linux | sort'
has python3 && job python python3 -c 'import ctypes, decimal, json, multiprocessing.pool, sqlite3, ssl, zlib; print(decimal.Decimal(1) / 3, sqlite3.connect(":memory:").execute("select 6 * 7").fetchone(), multiprocessing.pool.Pool(2).map(abs, [-1, 2]))'
has gcc && job gcc sh -c 'printf "#include <stdio.h>\nint main(void) { return puts(\"made\") < 0; }" > m.c && gcc -O2 -flto m.c -o m && ./m && gcc -static m.c -o s && ./s && gcc -fsanitize=address,undefined m.c -o a && ./a'
has g++ && job cplusplus sh -c 'printf "#include <iostream>\n#include <stdexcept>\nint main() { try { throw std::runtime_error(\"thrown\"); } catch (std::exception& e) { std::cout << e.what() << 10 << std::endl; } }" > m.cc && g++ m.cc -o p && ./p'
has git && job git sh -c 'git init -q r && cd r && git -c user.name=A -c user.email=a@b commit -q --allow-empty -m first --date 2001-01-01T00:00:00Z && git log --format=%s && git fsck'
has openssl && job openssl sh -c 'openssl genrsa 1024 2> /dev/null | openssl rsa -noout -text 2> /dev/null | head -n 1; echo secret | openssl enc -aes-128-cbc -k x -pbkdf2 | openssl enc -d -aes-128-cbc -k x -pbkdf2'
has gpg && job gpg sh -c 'export GNUPGHOME=$PWD/g; mkdir -m 700 g; gpg --batch -q --passphrase "" --quick-gen-key a@b; echo text | gpg -q -aer a@b --trust-model always | gpg -q -d; gpgconf --kill all'
has sqlite3 && job sqlite sqlite3 :memory: 'create table t(a); insert into t values (1), (2); select sum(a) from t'
has ruby && job ruby ruby -rjson -e 'puts JSON.generate(Thread.new { [1, 2].sum }.value => "%.2f" % 0.5)'
has lua5.4 && job lua lua5.4 -e 'print(("x"):rep(3), math.type(1), #arg)'
has xz && job xz sh -c 'xz -k fruit && xz -dc fruit.xz | tail -n 1'
has zstd && job zstd sh -c 'zstd -q fruit && zstd -dcq fruit.zst | head -n 1'
has rsync && job rsync sh -c 'mkdir -p x && rsync -a fruit x/ && cat x/fruit'
has gdb && job gdb sh -c "gdb -q -batch -ex 'set breakpoint pending on' -ex 'break exit' -ex run -ex 'info sharedlibrary' -ex 'print 6 * 7' /bin/true 2>&1 |
  grep -o -e 'libc\.so\.6$' -e 'in exit' -e '= 42'"
has strace && job strace sh -c 'strace -e trace=exit_group /bin/true 2>&1 | tail -n 2'
has busybox && job busybox busybox sh -c 'echo $((6 * 7)); busybox uname -s'
has man && job man sh -c 'man -P cat man 2> /dev/null | wc -l'
has vim && job vim sh -c 'vim -es -u NONE fruit "+normal ggdd" +wq; cat fruit'
cd / && rm -rf "$work"
exit 0
