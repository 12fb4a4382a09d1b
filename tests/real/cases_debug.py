"""Real work for programs that look into other programs; the program they look at runs as it always does."""

from real_harness import Case

CASES = (
    Case(
        name="gdb", programs=("/usr/bin/gdb",), package="gdb", needs=("/usr/bin/gcc",),
        script="""
            gcc -g -O0 -o program program.c && $gdb -nx -batch -iex 'set debuginfod enabled off' -iex 'set index-cache enabled off' -x commands ./program 2>&1
            $gdb -nx -batch -ex 'print sizeof(struct pair)' -ex 'ptype struct pair' -ex 'info line work' -ex 'disassemble /s work' ./program
        """,
        says=("Breakpoint 2, ", "python sees argument 3", "in main () at program.c", "left = 3"),
        opens_libraries=("gdb",),
        changes=((r"0x[0-9a-f]+", "ADDRESS"), (r"process \d+", "process PID")),
    ),
    Case(
        name="strace", programs=("/usr/bin/strace",), package="strace",
        script="""
            $strace -f -e trace=execve,write,exit_group -o log sh -c 'echo out; /usr/bin/true; exit 3'; echo $?
            sed -E 's/^[0-9]+ //; s/0x[0-9a-f]+/ADDRESS/g; s/SIGCHLD.*/SIGCHLD/' log; rm log; $strace -c -U name,calls -e trace=write echo one 2>&1 | grep -w write
        """,
        says=("exited with 3", 'write(1, "out'),
    ),
    Case(
        name="pldd", programs=("/usr/bin/pldd",), package="libc-bin",
        script="sleep 5 & sleep 0.3; $pldd $! | sed 's/^[0-9]*:/PID:/' | grep -v -E 'linux-vdso'; kill $!",
        says=("libc.so.6",),
    ),
)
