"""Real work for programs that read and write text."""

from real_harness import Case

CASES = (
    Case(
        name="mawk", programs=("/usr/bin/mawk",), package="mawk",
        script="""
            seq 1 20000 | $mawk '{ s += $1 * $1; c[$1 % 13]++ } END { printf "%.0f\\n", s; for (i = 0; i < 13; i++) print i, c[i] }'
            $mawk -F: '{ n[length($1)]++ } END { for (l in n) print l, n[l] | "sort -n" }' /usr/share/common-licenses/GPL-3
            $mawk 'BEGIN { srand(7); while (("seq 3" | getline x) > 0) print x, sin(x), exp(x), substr("abcdef", x, 2) }'
        """,
        says=("2666866670000",),
    ),
    Case(
        name="gawk", programs=("/usr/bin/gawk",), package="gawk",
        script="""
            seq 1 20000 | $gawk -M '{ p = ($1 == 1) ? 1 : (p * $1) % (2 ^ 127 - 1) } END { print p }'
            $gawk 'BEGIN { PROCINFO["sorted_in"] = "@ind_str_asc" } { for (i = 1; i <= NF; i++) n[tolower($i)]++ }
                END { for (w in n) if (n[w] > 40) print w, n[w] }' /usr/share/common-licenses/GPL-3
            echo 2024-02-29 | $gawk '{ print gensub(/(....)-(..)-(..)/, "\\\\3.\\\\2.\\\\1", 1), strftime("%A", mktime("2024 02 29 0 0 0")) }'
            $gawk 'BEGIN { c = "sort -r"; print "a\\nb\\nc" |& c; close(c, "to"); while ((c |& getline x) > 0) print x }'
        """,
        says=("Thursday",),
    ),
    Case(
        name="gawk_with_an_extension", programs=("/usr/bin/gawk",), package="gawk",
        script="""$gawk -l ordchr 'BEGIN { print ord("A"), chr(66) }'; $gawk -l time 'BEGIN { print sleep(0) }'""",
        says=("65 B",), opens_libraries=("gawk",),
    ),
    Case(
        name="sed", programs=("/usr/bin/sed",), package="sed",
        script="""
            cp /usr/share/common-licenses/Apache-2.0 text; chmod 644 text
            $sed -E -i.before 's/([A-Z][a-z]+) ([a-z]+)/\\2 \\1/g; /^$/d; s/[aeiou]/\\U&/3' text
            $sed -n '10,20p; $=' text; $sed '1!G;h;$!d' text | head -4
            $sed -n -e '/erivAtive/{s/.*\\(derivative\\).*/\\L&/Ip;w found' -e '}' text | wc -l
            $sed ':a;N;$!ba;s/\\n/ /g' text | cut -c 1-200
            $sed y/abc/xyz/ missing
        """,
        says=("LIcense",), status=2,
    ),
    Case(
        name="grep", programs=("/usr/bin/grep",), package="grep",
        script="""
            $grep -rnoE '\\b[A-Z]{6,}\\b' /usr/share/common-licenses/GPL-2 | head -20
            $grep -c -i 'software' /usr/share/common-licenses/*GPL-3; $grep -P '(?<=free )software(?!s)' -o /usr/share/common-licenses/GPL-3 | wc -l
            $grep -vE '^ *$' /usr/share/common-licenses/BSD | $grep -A2 -B1 -n --color=always 'Redistribution'
            printf 'größe\\nGRÖSSE\\nabc\\n' | $grep -i 'GRÖ'
            printf '(\\\\(ab\\\\)\\\\1)\\n' > patterns; echo '(abab)' | $grep -f patterns; $grep -q nothing /etc/passwd
        """,
        status=1, says=("größe", "GRÖSSE"),
    ),
    Case(
        name="diff_and_patch", programs=("/usr/bin/diff", "/usr/bin/patch", "/usr/bin/diff3", "/usr/bin/cmp",
                                         "/usr/bin/sdiff"),
        package="diffutils patch",
        script="""
            mkdir old new; seq 1 300 > old/numbers; sed 's/^1.5$/changed/; 200,210d' old/numbers > new/numbers
            echo only > new/added; touch -d @1000000000 old/* new/*
            $diff -ruN old new > change; cat change
            $diff -y --suppress-common-lines -W 60 old/numbers new/numbers; $cmp old/numbers new/numbers
            (cd old && $patch -p1 --set-utc < ../change) && $diff -r old new && echo equal
            (cd old && $patch -R -p1 --dry-run < ../change)
            printf 'a\\nb\\nc\\n' > mine; printf 'a\\nc\\n' > base; printf 'A\\nc\\n' > yours
            $diff3 -m mine base yours; $sdiff -l mine yours
        """,
        status=1, says=("equal", "+changed"),
    ),
    Case(
        name="bc_and_dc", programs=("/usr/bin/bc", "/usr/bin/dc"), package="bc dc",
        script="""
            printf 'scale=60; 4*a(1); e(1)\ndefine f(n) { if (n < 2) return 1; return n * f(n - 1); }\nf(60); obase=16; 2^200\n' | $bc -l
            $dc -e '20k 2v p [la1+dsa*pla10>y]sy 0sa1 lyx 17 3 1000003|p'
        """,
        says=("3.1415926535897932384626433832", "1.4142135623730950488"),
    ),
    Case(
        name="jq", programs=("/usr/bin/jq",), package="jq",
        script="""
            seq 1 2000 | $jq -s 'map({id: ., even: (. % 2 == 0), text: "n\\(.)"}) | group_by(.even) | map({k: .[0].even, n: length, s: (map(.id) | add)})' > out.json
            $jq -r '.[] | [.k, .n, .s] | @csv' out.json
            echo '{"a":[1,2,{"b":null}],"t":"2015-03-05T23:51:47Z"}' | $jq -S 'paths, (.t | fromdate), (.a[0] | sqrt | pow(.; 3)), (tostring | @base64)'
            echo '"aXbxc"' | $jq -c 'split("x"; "i"), test("B"; "i"), ascii_downcase'
            echo '{broken' | $jq .
        """,
        status=4, says=("true,1000,1001000",),
    ),
    Case(
        name="file_types", programs=("/usr/bin/file",), package="file",
        script="""
            cp /usr/bin/dash program; seq 10 | gzip -n > n.gz; echo '<?xml version="1.0"?><a/>' > x; printf '\\211PNG\\r\\n\\032\\n' > p
            $file program n.gz x p /usr/share/common-licenses /dev/null; $file --mime-type -b program n.gz x p; $file -z n.gz
        """,
        says=("gzip compressed data", "ELF 64-bit"),
    ),
    Case(
        name="iconv_and_locale", programs=("/usr/bin/iconv", "/usr/bin/locale"), package="libc-bin",
        script="""
            printf 'Zürich Ωμέγα Łódź\\n' > text
            for code in UTF-16LE UTF-32 UTF-7; do $iconv -f UTF-8 -t $code text | od -c | head -4; done
            printf 'Z\\374rich \\200\\n' | $iconv -f CP1252 -t UTF-8; $iconv -f UTF-8 -t KOI8-R//TRANSLIT text
            printf '\\244\\242\\n' | $iconv -f EUC-JP -t UTF-8; $iconv -l | wc -l
            $locale; $locale -k LC_TIME | head -5; $locale charmap; $iconv -f UTF-8 -t ASCII text
        """,
        status=1, says=("Zürich €", "あ"),
    ),
    Case(
        name="vim_as_an_editor", programs=("/usr/bin/vim.basic",), package="vim",
        script="""
            seq 1 500 > buffer
            $vim_basic -es -u NONE -i NONE -N -S edit.vim buffer
            tail -6 second; head -3 second
        """,
        says=("3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d", "fibonacci 610", "[0, 1, 4, 9, 16]"),
    ),
    Case(
        name="ed_and_less", programs=("/usr/bin/ed", "/usr/bin/less"), package="ed less",
        script="""
            seq 1 100 > text; printf 'g/5$/s/^/five /\\n10,20m0\\nw out\\n1,3p\\nq\\n' | $ed -s text
            $less -N text | tail -3; LESSOPEN='|sed s/1/ONE/ %s' $less text | head -3; less --version | head -1
        """,
        says=("ONE",),
    ),
    Case(
        name="m4_bison_flex", programs=("/usr/bin/m4", "/usr/bin/bison", "/usr/bin/flex"), package="m4 bison flex",
        script="""
            $bison -d -o calc.c calc.y && $flex -o scan.c scan.l && gcc -o calc calc.c scan.c -lm && echo '2 * (3 + 4) - 5 / 2' | ./calc
            $m4 macros.m4
        """,
        says=("11.5", "3628800"),
    ),
    Case(
        name="xml_tools", programs=("/usr/bin/xmllint", "/usr/bin/xsltproc"), package="libxml2-utils xsltproc",
        script="""
            $xmllint --format --encode ISO-8859-1 data.xml; $xmllint --noout --schema schema.xsd data.xml
            $xmllint --xpath 'sum(//item/@price)' data.xml; $xsltproc style.xsl data.xml; echo '<a><b></a>' | $xmllint -
        """,
        status=1, says=("42.5", "pear costs 40"),
    ),
    Case(
        name="gettext", programs=("/usr/bin/msgfmt", "/usr/bin/msgunfmt", "/usr/bin/xgettext", "/usr/bin/gettext"),
        package="gettext",
        script="""
            printf '#include <libintl.h>\\nint main() { puts(gettext("hello")); }\\n' > a.c
            $xgettext --omit-header -o a.pot a.c; cat a.pot
            printf 'msgid ""\\nmsgstr "Content-Type: text/plain; charset=UTF-8\\\\n"\\n\\nmsgid "hello"\\nmsgstr "grüß Gott"\\n' > de.po
            mkdir -p de/LC_MESSAGES; $msgfmt -c -v -o de/LC_MESSAGES/a.mo de.po; $msgunfmt de/LC_MESSAGES/a.mo
            TEXTDOMAINDIR=$PWD LANGUAGE=de $gettext a hello
        """,
        says=('msgstr "grüß Gott"',),
    ),
)
