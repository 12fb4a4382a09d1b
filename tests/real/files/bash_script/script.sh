# Much of what bash can do, with a result that does not depend on time or place.
set -u
declare -A colour=([sky]=blue [grass]=green [sun]=yellow)
list=("$@" three "four more")
echo "array has ${#list[@]} members, the last is '${list[-1]}', upper case ${list[0]^^}"
for key in $(printf '%s\n' "${!colour[@]}" | sort); do echo "$key=${colour[$key]}"; done
cat <<END
here-document: $2, sum $((17 * 3 - 2 ** 5)), nested $(echo "in $(echo subshell)")
END
tr a-z A-Z <<< "here string"
(cd / && pwd; variable=inside); echo "${variable:-not set outside}"
diff <(seq 1 5) <(seq 2 6)
seq 1 20 | while read -r number; do ((number % 7 == 0)) && echo "seven divides $number"; done
echo "pipe: ${PIPESTATUS[*]}"
if [[ "file-2024.txt" =~ ^([a-z]+)-([0-9]+)\.txt$ ]]; then echo "matched ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"; fi
shopt -s extglob nullglob
mkdir glob && touch glob/{a,b,c}.{txt,log}
echo glob/!(a|b).txt glob/none*
function recurse { (($1 <= 1)) && echo 1 || echo $(($1 * $(recurse $(($1 - 1))))); }
echo "10! = $(recurse 10)"
coproc CALC { while read -r a b; do echo $((a * b)); done; }
echo 6 7 >&"${CALC[1]}"; read -r answer <&"${CALC[0]}"; echo "coprocess answered: $answer"
exec {CALC[1]}>&-
wait
sleep 0.2 & sleep 0.1 & wait -n; echo "a job ended with $?"; wait
printf '%(%Y)T %5.2f %q\n' 0 2.71828 'quoted $text'
trap 'echo "caught a signal"' USR1; kill -USR1 $BASHPID
trap 'echo "exit trap"; exit 3' EXIT
mapfile -t lines < <(printf 'x\ny\nz\n'); echo "read ${#lines[@]} lines: ${lines[*]:1}"
echo "to stderr" >&2
ulimit -c 0
bash -c 'kill -SEGV $$' 2>/dev/null; echo "a child died with $?"
cat /nonexistent
