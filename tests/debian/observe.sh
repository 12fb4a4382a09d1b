#!/bin/sh
# Run by a unit in a booted Debian: waits until it is up, writes down how it is, does its work, and switches it off.
# /var/lib/observed: state, finished (microseconds of the boot), kernel, failed, running, processes, ps.json (if there is a
# sealctl), work, sandboxes (in a container), done.
out=/var/lib/observed
rm -rf "$out" && mkdir -p "$out" && exec 2> "$out/errors"
systemctl is-system-running --wait > "$out/state"
systemctl show --property FinishTimestampMonotonic --value > "$out/finished"
uname -r > "$out/kernel"
systemctl list-units --failed --plain --no-legend --no-pager | awk '{ print $1 }' | sort > "$out/failed"
systemctl list-units --type=service --state=running --plain --no-legend --no-pager | awk '{ print $1 }' | sort > "$out/running"

# PID, name, mappings that can be executed, those of them that are sealed. Processes of the kernel have none.
for process in /proc/[0-9]*; do
  awk -v pid="${process#/proc/}" -v name="$(cat "$process/comm")" '
    $2 ~ /^..x.$/ && $6 != "[vsyscall]" { code = 1; all++ }
    $2 !~ /^..x.$/ && $1 ~ /^[0-9a-f]+-[0-9a-f]+$/ { code = 0 }
    $1 == "VmFlags:" && code { if ($0 ~ / sl( |$)/) sealed++; code = 0 }
    END { if (all) printf "%d %s %d %d\n", pid, name, all, sealed }' "$process/smaps" 2> /dev/null
done > "$out/processes"
[ ! -x /usr/bin/sealctl ] || sealctl ps --json > "$out/ps.json"
sh /usr/local/lib/observe/work.sh > "$out/work" 2>&1
# An emulated processor takes minutes for them, and they are the same there.
systemd-detect-virt --quiet --container && sh /usr/local/lib/observe/sandboxes.sh "$out/sandboxes" >> "$out/work" 2>&1
touch "$out/done"
systemctl poweroff
