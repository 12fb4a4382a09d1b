# The POSIX part, for dash.
set -u
count=0
for word in "$@"; do count=$((count + 1)); echo "argument $count: $word"; done
cat <<END
here-document: $2
END
f() { local x=$1; [ "$x" -gt 0 ] && { f $((x - 1)); echo "depth $x"; }; return 0; }
f 4
echo one two three | { read -r a b; echo "$b then $a"; }
case file.tar.gz in *.tar.*) echo "an archive ${1%%e*} ${2##* }";; esac
(trap 'echo subshell trap' EXIT; exit 7); echo "subshell said $?"
i=0; while [ $i -lt 200 ]; do i=$((i + 1)); (exit $((i % 3))); done; echo "200 subshells"
seq 1 1000 | sort -r | head -1
trap 'echo "trap ran"; exit 5' TERM
kill -TERM $$
sleep 1
echo "not reached"
