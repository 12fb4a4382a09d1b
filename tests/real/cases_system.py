"""Real work for programs that ask the system about itself, and for programs that need a terminal."""

from real_harness import BY_INTERPRETER, Case

JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"

CASES = (
    Case(
        name="ps_and_top", programs=("/usr/bin/ps", "/usr/bin/top", "/usr/bin/pgrep", "/usr/bin/free", "/usr/bin/vmstat"), package="procps",
        script="""
            sleep 7.77 & one=$!; $ps -o comm=,args=,nlwp=,stat= -p $one; $ps -e -o pid= | grep -cw $one; $pgrep -P $$ -f 'sleep 7.77' | grep -cx $one
            $top -b -n 1 -p $one | tail -2 | awk '{ print $NF, NF }'; $free -b | awk '{ print $1, NF }'; $vmstat -s | sed 's/^ *[0-9]* //' | head -5; kill $one
            $ps --no-such-option
        """,
        status=1, says=("sleep 12", "Mem: 7"), opens_libraries=("pgrep", "ps", "top", "vmstat"),
    ),
    Case(
        name="id_and_getent", programs=("/usr/bin/id", "/usr/bin/getent", "/usr/bin/groups", "/usr/bin/whoami", "/usr/bin/hostname"), package="coreutils libc-bin hostname",
        script="""
            $id; $id -un 0; $id daemon; $groups root; $whoami; $hostname | wc -l; $getent passwd root daemon; $getent group tty; $getent services ssh 80/tcp; $getent protocols tcp
            $getent hosts localhost; $getent ahosts 127.0.0.1; $getent ahostsv4 localhost | head -1; $getent networks loopback; $getent initgroups root; $getent passwd nobody-at-all
        """,
        status=2, says=("root:x:0:0", "ssh ", "127.0.0.1"),
    ),
    Case(
        name="util_linux", package="util-linux bsdextrautils",
        programs=tuple(f"/usr/bin/{name}" for name in ("lscpu", "findmnt", "hexdump", "column", "flock", "setsid", "getopt", "rev", "script", "namei", "taskset", "nsenter", "mount")),
        script="""
            $lscpu -J | grep -c field; $findmnt -n -o FSTYPE /proc; $mount | grep -c proc; seq 1 40 | $column -c 60; $hexdump -C /usr/bin/dash | head -3; echo abc | $rev
            $getopt -o ab: -l long:,other -- -a -b 1 --long=x rest; $flock tmp/lock echo locked; $setsid -w sh -c 'exit 4'; echo $?; $namei /usr/bin/dash; $taskset -c 0 nproc
            $script -q -e -c 'stty -a | grep -c speed; tty | cut -c1-8; exit 6' tmp/typescript; echo $?; rm tmp/typescript; $nsenter --no-option
        """,
        status=1, says=("cba", "locked", "/dev/pts"),
    ),
    Case(
        name="coreutils_on_processes", package="coreutils",
        programs=tuple(f"/usr/bin/{name}" for name in ("timeout", "nice", "nohup", "sleep", "stdbuf", "env", "nproc", "uname", "df", "sync", "yes", "kill", "tty", "pwd")),
        script="""
            $timeout 0.2 sleep 5; echo $?; $timeout -s KILL 0.2 $sleep 5; echo $?; $nice -n 5 $nice; $nohup echo kept 2>/dev/null; $nproc > /dev/null && $uname -s -m -o
            $df --output=fstype /proc; $yes text | head -2; sleep 9 & { $kill -TERM $!; wait $!; } 2> /dev/null; echo $?; $tty; $pwd | wc -l; $env -C / pwd; $env --split-string='A=1 printenv A'
        """,
        says=("124", "137", "143"),
    ),
    Case(
        name="stdbuf_preloads_its_library", programs=("/usr/bin/stdbuf", "/usr/bin/sort"), package="coreutils",
        script="seq 3 | $stdbuf -oL sort -r; $stdbuf -o0 printf '%s\\n' unbuffered; $stdbuf -oX true",
        status=125, says=("3\n2\n1\nunbuffered",),
    ),
    Case(
        name="tmux", programs=("/usr/bin/tmux",), package="tmux",
        script="""
            T="$tmux -S tmp/s -f /dev/null"; $T new-session -d -x 60 -y 10 "sh -c 'echo inside; stty size; read line; echo got \\$line; sleep 20'"
            sleep 0.5; $T send-keys 'typed words' Enter; sleep 0.4; $T capture-pane -p | grep -v '^$'; $T split-window -d 'sleep 20'; $T list-panes -F '#{pane_width}x#{pane_height}'
            $T display-message -p '#{window_panes} #{session_windows}'; $T kill-server
        """,
        says=("got typed words", "60x5"), environment={"TERM": "screen", "SHELL": "/bin/sh"},
        ignored_files=(r"tmp/s",),
    ),
    Case(
        name="terminal_descriptions", programs=("/usr/bin/infocmp", "/usr/bin/tput", "/usr/bin/tic", "/usr/bin/clear"), package="ncurses-bin",
        script="$infocmp xterm-256color | md5sum; $tput -T xterm setaf 3 | od -c | head -2; $infocmp vt100 > v && $tic -x -o tmp/t v && ls -R tmp/t; $clear -T vt100 | od -c; $tput -T nothing cols",
        status=3, says=("vt100",),
    ),
    Case(
        name="groff", programs=("/usr/bin/groff", "/usr/bin/troff", "/usr/bin/grotty", "/usr/bin/tbl", "/usr/bin/preconv"), package="groff-base",
        script="""
            $groff -k -man -Tutf8 -P-c page.1; $groff -t -man -Tascii -P-c table.1 | grep -v '^$'; $preconv page.1 | $tbl | $troff -man -Tutf8 | $grotty -c | md5sum
        """,
        says=("thing", "does nothing"),
    ),
    Case(
        name="java", programs=(f"{JAVA}/bin/java",), package="openjdk-17-jre-headless",
        beside={"lib": f"{JAVA}/lib", "conf": f"{JAVA}/conf"},
        script="""
            $java -XX:-UsePerfData -version 2>&1 | head -1 | cut -d' ' -f1; $java -XX:-UsePerfData -Xmx32m -XshowSettings:vm -version 2>&1 | grep 'Max. Heap'; $java --list-modules | cut -d@ -f1 | head -3
            $java NoSuchClass
        """,
        says=("openjdk", "Max. Heap Size: 32"), status=1, opens_libraries=("java",), timeout=180,
    ),
    Case(
        name="java_native_interface", programs=(f"{JAVA}/bin/java",), package="openjdk-17-jre-headless",
        beside={"lib": f"{JAVA}/lib", "conf": f"{JAVA}/conf"}, unpacked=("libjna-java", "libjna-jni"),
        script="$java -XX:-UsePerfData -Djava.library.path=$ROOT/usr/lib/x86_64-linux-gnu/jni -Djna.nosys=false -cp $ROOT/usr/share/java/jna.jar com.sun.jna.Native",
        says=("Java Native Access", "Native: "), opens_libraries=("java",), timeout=180,
    ),
    Case(
        name="runuser_opens_a_session", programs=("/usr/sbin/runuser",), package="util-linux", as_root=True,
        script="$runuser -u nobody -- id -un; $runuser -s /bin/sh -c 'echo $0; id -gn' nobody; $runuser -u no_such_user -- id",
        status=1, says=("nobody", "nogroup"), opens_libraries=("runuser",),
    ),
    Case(
        name="keytool", programs=(f"{JAVA}/bin/keytool",), package="openjdk-17-jre-headless",
        beside={"lib": f"{JAVA}/lib", "conf": f"{JAVA}/conf"}, launches=(BY_INTERPRETER,),
        script="""
            K="$keytool -J-XX:-UsePerfData -storepass secret -keystore tmp/store"; $K -genkeypair -alias a -keyalg EC -dname CN=me -startdate 2024/01/01 2> /dev/null
            $K -list -v | grep -E 'Owner|Signature algorithm|Entry type'; $K -exportcert -rfc -alias a | openssl x509 -noout -subject; rm tmp/store
        """,
        says=("Owner: CN=me", "subject=CN = me"), opens_libraries=("keytool",), timeout=180,
    ),
    Case(
        name="java_from_source", programs=(f"{JAVA}/bin/java",), package="openjdk-17-jdk-headless", needs=(f"{JAVA}/bin/javac",),
        beside={"lib": f"{JAVA}/lib", "conf": f"{JAVA}/conf"},
        script="$java -XX:+UseSerialGC -XX:-UsePerfData -Xmx64m Work.java a b",
        says=("threads 4950", "caught stack overflow", "caught null"), opens_libraries=("java",), timeout=180,
    ),
    Case(
        name="qemu_user", programs=("/usr/bin/qemu-aarch64",), package="qemu-user", needs=("/usr/bin/aarch64-linux-gnu-gcc",),
        script="""
            aarch64-linux-gnu-gcc -O1 -static -o hello hello.c && $qemu_aarch64 ./hello one; aarch64-linux-gnu-gcc -O1 -o hello hello.c && $qemu_aarch64 -L /usr/aarch64-linux-gnu ./hello two
        """,
        status=7, says=("hello one from aarch64", "hello two from aarch64"),
    ),
    Case(
        name="systemd_tools", programs=("/usr/bin/systemd-escape", "/usr/bin/systemd-analyze", "/usr/bin/systemd-id128", "/usr/bin/systemd-tmpfiles"), package="systemd",
        script="""
            $systemd_escape --path /a/b-c; $systemd_escape -u 'a\\x2db'; $systemd_analyze calendar --base-time='2024-01-01' 'Mon..Fri *-*-* 10:00' | grep -E 'Normalized|Next'; $systemd_analyze timespan '1h 30min 7s'
            printf 'd tmp/made 0750 - - -\\nf tmp/made/file 0640 - - - text\\n' > conf; $systemd_id128 show | wc -l; $systemd_tmpfiles --cat-config --user conf | tail -1
        """,
        says=("a-b\\x2dc", "1h 30min 7s"),
    ),
)
