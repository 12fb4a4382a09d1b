"""Real work for shells and for the programs that shell scripts are made of."""

from real_harness import Case

CASES = (
    Case(
        name="bash_script", programs=("/usr/bin/bash",), package="bash",
        script="$bash script.sh one 'two words'",
        status=3, says=("here-document: two words", "array has 4 members", "coprocess answered: 42"),
        changes=((r"line 32: +\d+ ", "line 32: PID "),),
    ),
    Case(
        name="dash_script", programs=("/usr/bin/dash",), package="dash",
        script="$dash script.sh one 'two words'",
        status=5, says=("here-document: two words", "trap ran"),
    ),
    Case(
        name="bash_that_starts_itself", programs=("/usr/bin/bash",), package="bash",
        script="""$bash -c 'for i in 1 2 3; do bash -c "echo $i; exit $i"; echo "status $?"; done | tac'""",
        says=("status 3",),
    ),
    Case(
        name="find_and_xargs", programs=("/usr/bin/find", "/usr/bin/xargs"), package="findutils",
        script="""
            mkdir -p tree/a/b tree/c
            for i in $(seq 1 40); do echo $i > tree/a/b/file$i; : > tree/c/empty$i; done
            ln -s ../a tree/c/link
            $find tree -type f -name 'file*[05]' -printf '%f %s %m\\n' | sort
            $find tree -type f -empty -print0 | sort -z | $xargs -0 -n 7 -P 2 echo | wc -l
            $find -L tree -type f -regex '.*/link/.*1' | sort
            $find tree -name '*9' -exec cat {} + | sort
            $find tree -name 'empty3*' -delete
            $find tree -type d -exec sh -c 'echo "$1: $(ls "$1" | wc -l)"' - {} \\; | sort
        """,
        says=("file5 2", "tree/c/link/b/file1"),
    ),
    Case(
        name="sort_and_friends", package="coreutils",
        programs=tuple(f"/usr/bin/{name}" for name in (
            "sort", "uniq", "cut", "tr", "join", "paste", "comm", "head", "tail", "wc", "tac", "nl", "split",
            "seq", "shuf", "factor", "numfmt", "fmt", "csplit", "ptx", "tsort")),
        script="""
            $seq 1 30000 > numbers
            $shuf --random-source=/usr/bin/dash numbers > mixed
            $sort --parallel=2 -S 200k -n mixed | cmp - numbers && echo sorted
            $sort -R --random-source=/usr/bin/dash mixed | $head -3
            $cut -c1 mixed | $sort | $uniq -c | $sort -k1,1nr -k2
            $tr 0-9 a-j < mixed | $tail -2
            $head -20 numbers | $paste -d: - - - -
            $sort mixed | $head -50 > left; $sort mixed | $tail -n +20 | $head -50 > right
            $join left right | $wc; $comm -12 left right | $tac | $nl | $head -3
            $split -n l/5 --additional-suffix=.part numbers piece_
            $csplit -s numbers 100 2000
            $factor 1234567890123456789 600851475143; $numfmt --to=iec 123456789012
            $fmt -w 40 /usr/share/common-licenses/BSD | $head -12
            printf 'b c\\na b\\nc d\\n' | $tsort
            printf 'some words here\\n' | $ptx
        """,
        says=("sorted", "3607 3803"),
    ),
    Case(
        name="checksums", package="coreutils",
        programs=tuple(f"/usr/bin/{name}" for name in (
            "md5sum", "sha1sum", "sha256sum", "sha512sum", "b2sum", "cksum", "base64", "base32", "basenc", "od")),
        script="""
            seq 1 5000 > data
            for sum in "$md5sum" "$sha1sum" "$sha256sum" "$sha512sum" "$b2sum"; do
                $sum data | tee sum; ${sum} -c sum
            done
            $cksum data; $cksum -a sm3 data
            $base64 data | $base64 -d | cmp - data && echo same
            $basenc --z85 -w 60 < /usr/share/common-licenses/BSD | head -2
            $base32 data | tail -1
            $od -A x -t x1z -N 64 data; $od -t f8 -N 64 data
        """,
        says=("data: OK", "same"),
    ),
    Case(
        name="copy_move_link", package="coreutils",
        programs=tuple(f"/usr/bin/{name}" for name in (
            "cp", "mv", "ln", "rm", "mkdir", "touch", "stat", "ls", "dd", "chmod", "truncate", "readlink",
            "realpath", "install", "du", "test", "tee", "rmdir")),
        script="""
            $mkdir -p a/b/c && $touch -d '2001-02-03 04:05:06 UTC' a/one a/b/two a/b/c/three
            $dd if=/usr/bin/dash of=a/block bs=1k count=50 2>&1 | head -2
            $truncate -s 1M a/hole; $chmod u=rwx,g=rx,o= a/block
            $ln -s ../one a/b/soft; $ln a/one a/hard
            $cp -a a copy; $cp -r --sparse=always --preserve=timestamps a second
            $mv -v copy moved; $rm -rv second/b | sort
            $install -D -m 640 a/one installed/deep/one; $rmdir a/b/c 2>&1
            $touch -d '2001-02-03 04:05:06 UTC' a a/* a/b/* moved/* installed/deep/one
            $touch -h -d '2001-02-03 04:05:06 UTC' a/b/soft
            $stat -c '%n %s %A %h %Y %F' a/* moved/* installed/deep/one | grep -v ' directory$'
            $ls -lnR --time-style=full-iso a | sed 's/ 0 0 / owner group /' | grep -v '^total'
            $readlink a/b/soft; $realpath --relative-to=. a/b/soft
            $du -b --apparent-size a/block; echo data | $tee out1 out2 > out3
            $test a/one -ef a/hard && echo 'the same file'
        """,
        says=("the same file", "2001-02-03"),
    ),
    Case(
        name="ls_long", programs=("/usr/bin/ls",), package="coreutils",
        script="$ls -la --color=always /usr/share/common-licenses /usr/bin/bash /nowhere; $ls -C -w 100 /usr/share/common-licenses",
        says=("GPL-3",), status=0,
    ),
    Case(
        name="date_and_printf", package="coreutils",
        programs=("/usr/bin/date", "/usr/bin/printf", "/usr/bin/expr", "/usr/bin/env", "/usr/bin/echo"),
        script="""
            for zone in UTC Europe/Berlin America/New_York Asia/Kolkata; do
                TZ=$zone $date -d '@1234567890' '+%A %d %B %Y %T %z %Z week %V'
            done
            $date -u -d '2024-02-28 +2 days' --rfc-3339=ns; $date -d 'last monday' > /dev/null && echo parsed
            $printf '%08.3f|%-10s|%+d|%x|%q|%b\\n' 3.14159 left 42 255 'a b' 'tab\\there'
            $expr 7 '*' 6 + 1; $expr string : 's\\(tr\\)'
            $env -i A=1 B=2 /usr/bin/env | sort; $env -u HOME NAME=value /usr/bin/printenv NAME
        """,
        says=("Saturday 14 February 2009", "2024-03-01"),
    ),
)
