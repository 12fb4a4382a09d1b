# Starts one program under each of systemd's sandbox options (systemd.exec(5), systemd.resource-control(5)). For each:
# its name, what the program prints, its status; and in $1 the name, the mappings of the program that can be executed and
# those of them that are sealed.
sealed=$1
box=/var/lib/box
mkdir -p "$box/proc" "$box/dev" "$box/sys" "$box/run" "$box/tmp" "$box/var/tmp"
for link in bin lib lib64 sbin; do ln -sfn "usr/$link" "$box/$link"; done

# Prints the same under either loader; the last line is for $sealed.
probe='echo works; id -u | sed s,^6[0-9]*$,dynamic,; head -n 1 /etc/passwd; sh -c "exit 3"; echo $?; awk "
  \$2 ~ /^..x.$/ && \$6 != \"[vsyscall]\" { code = 1; all++ }
  \$2 !~ /^..x.$/ && \$1 ~ /^[0-9a-f]+-[0-9a-f]+$/ { code = 0 }
  \$1 == \"VmFlags:\" && code { if (\$0 ~ / sl( |$)/) sealed++; code = 0 }
  END { printf \"sealed %d %d\\n\", all, sealed }" /proc/self/smaps'

run_in() {
  name=$1
  shift
  output=$(timeout 60 systemd-run --quiet --wait --pipe "$@" sh -c "$probe" 2>&1)
  status=$?
  printf '== sandbox:%s\n' "$name"
  printf '%s\n' "$output" | grep -v '^sealed '
  printf '== %d\n' "$status"
  printf '%s %s\n' "$name" "$(printf '%s\n' "$output" | sed -n 's/^sealed //p')" >> "$sealed"
}

# One option, which is its name, too.
with() { run_in "$1" -p "$1"; }

for option in \
  PrivateTmp=yes PrivateDevices=yes PrivateNetwork=yes PrivateUsers=yes PrivateMounts=yes PrivateIPC=yes \
  ProtectHome=yes ProtectHome=tmpfs ProtectSystem=yes ProtectSystem=full ProtectSystem=strict ProtectHostname=yes \
  ProtectClock=yes ProtectKernelTunables=yes ProtectKernelModules=yes ProtectKernelLogs=yes ProtectControlGroups=yes \
  RestrictAddressFamilies=AF_UNIX RestrictAddressFamilies=~AF_INET RestrictNamespaces=yes RestrictNamespaces=net \
  RestrictRealtime=yes RestrictSUIDSGID=yes LockPersonality=yes MemoryDenyWriteExecute=yes RemoveIPC=yes \
  NoNewPrivileges=yes CapabilityBoundingSet= CapabilityBoundingSet=~CAP_SYS_ADMIN AmbientCapabilities=CAP_NET_RAW \
  SecureBits=noroot-locked SystemCallArchitectures=native SystemCallFilter=@system-service \
  SystemCallFilter=~@privileged SystemCallFilter=~@debug SystemCallFilter=~@mount SystemCallFilter=~mseal:EPERM \
  SystemCallFilter=~mseal:ENOSYS \
  SystemCallLog=@mount Personality=x86-64 KeyringMode=private UMask=0777 DynamicUser=yes User=nobody Group=nogroup \
  ReadOnlyPaths=/ InaccessiblePaths=/home InaccessiblePaths=/boot TemporaryFileSystem=/var/tmp \
  BindReadOnlyPaths=/etc:/mnt LimitNOFILE=16 LimitAS=128M LimitDATA=16M LimitSTACK=256K LimitMEMLOCK=0 LimitCORE=0 \
  LimitNPROC=64 LimitFSIZE=0 MemoryMax=16M MemoryHigh=16M TasksMax=8 CPUSchedulingPolicy=batch CPUQuota=50% \
  IOSchedulingClass=idle Nice=5 OOMScoreAdjust=100 DevicePolicy=closed IPAddressDeny=any Delegate=yes \
  StateDirectory=box RuntimeDirectory=box TimerSlackNSec=1s IgnoreSIGPIPE=no; do
  with "$option"
done
run_in SystemCallErrorNumber=EPERM -p SystemCallFilter=@system-service -p SystemCallErrorNumber=EPERM
run_in NoExecPaths=/ -p NoExecPaths=/ -p 'ExecPaths=/usr/bin /usr/lib /usr/lib64'
run_in RootDirectory= -p "RootDirectory=$box" -p MountAPIVFS=yes -p 'BindReadOnlyPaths=/usr /etc'
run_in ProtectProc=invisible -p ProtectProc=invisible -p User=nobody
run_in ProcSubset=pid -p ProcSubset=pid -p User=nobody
run_in everything -p DynamicUser=yes -p PrivateDevices=yes -p PrivateNetwork=yes -p PrivateUsers=yes -p PrivateIPC=yes \
  -p ProtectHome=yes -p ProtectSystem=strict -p ProtectHostname=yes -p ProtectClock=yes -p ProtectKernelTunables=yes \
  -p ProtectKernelModules=yes -p ProtectKernelLogs=yes -p ProtectControlGroups=yes -p ProtectProc=invisible \
  -p RestrictAddressFamilies=~AF_INET -p RestrictNamespaces=yes -p RestrictRealtime=yes -p LockPersonality=yes \
  -p MemoryDenyWriteExecute=yes -p CapabilityBoundingSet= -p SystemCallArchitectures=native \
  -p SystemCallFilter=@system-service -p UMask=0077
