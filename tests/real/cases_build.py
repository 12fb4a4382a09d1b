"""Real work for compilers, linkers and build tools."""

from real_harness import Case

LLVM = "/usr/lib/llvm-14"
GCC_FOLDERS = {"lib": "/usr/lib", "include": "/usr/include"}
"""A copy of gcc looks for the folders of its installation beside itself."""

CASES = (
    Case(
        name="gcc", programs=("/usr/bin/gcc",), package="gcc", beside=GCC_FOLDERS,
        script="""
            $gcc -O2 -g -Wall -Wextra -c -o sum.o sum.c && $gcc -O2 -flto -fPIC -shared -o libsum.so sum.c
            $gcc -flto -O2 -o main main.c sum.c -lm && ./main 10 20 30
            $gcc -o shared main.c -L. -lsum -lm -Wl,-rpath,'$ORIGIN' && ./shared 1 2
            $gcc -E -P -dM - < /dev/null | grep -c __; $gcc -print-search-dirs | wc -l; $gcc -O2 -S -o - sum.c | grep -c vadd
            $gcc -fsyntax-only broken.c
        """,
        status=1, says=("sum 60", "sum 3"),
    ),
    Case(
        name="gxx", programs=("/usr/bin/g++",), package="g++", beside=GCC_FOLDERS,
        script="$g__ -std=c++20 -O1 -pthread -o program program.cc && ./program; $g__ -std=c++20 -fsyntax-only -DBREAK program.cc 2>&1 | grep -c error",
        says=("sorted 1 2 3", "caught out of range", "threads 400", "\n1"), timeout=120,
    ),
    Case(
        name="compilers_own_passes", package="gcc g++",
        programs=("/usr/lib/gcc/x86_64-linux-gnu/12/cc1", "/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus",
                  "/usr/lib/gcc/x86_64-linux-gnu/12/collect2"),
        script="""
            $cc1 -quiet -O2 -fPIC sum.c -o sum.s && as -o sum.o sum.s && $collect2 -shared -o libsum.so sum.o && nm -D libsum.so | grep ' T '
            $cc1plus -quiet -imultiarch x86_64-linux-gnu -std=c++20 -O1 -D_GNU_SOURCE program.cc -o program.s && tail -1 program.s | cut -c1-20
        """,
        says=(" T sum",), timeout=120,
    ),
    Case(
        name="clang", programs=(f"{LLVM}/bin/clang",), package="clang-14", beside={"lib": f"{LLVM}/lib"},
        script=f"""
            CLANG="$clang -resource-dir {LLVM}/lib/clang/14.0.6"
            $CLANG -O2 -g -Weverything -c -o sum.o sum.c && $CLANG -O1 -c main.c && $CLANG -fuse-ld=lld -o main main.o sum.o -lm && ./main 4 5 6
            $CLANG -O3 -emit-llvm -S -o - sum.c | grep -c '<4 x i32>'; $CLANG --analyze -Xclang -analyzer-output=text broken_at_run_time.c 2>&1 | grep -c warning
            $CLANG -Xclang -ast-dump -fsyntax-only sum.c | grep -c FunctionDecl; $CLANG --target=aarch64-linux-gnu -O1 -S -o - sum.c -ffreestanding | grep -c ret
            $CLANG -fsyntax-only broken.c
        """,
        status=1, says=("sum 15",), timeout=120,
    ),
    Case(
        name="clang_for_cxx", programs=(f"{LLVM}/bin/clang++",), package="clang-14", beside={"lib": f"{LLVM}/lib"},
        script=f"""
            CLANG="$clang__ --driver-mode=g++ -resource-dir {LLVM}/lib/clang/14.0.6"
            $CLANG -std=c++20 -O1 -c program.cc && $CLANG -pthread -o program program.o && ./program
        """,
        says=("sorted 1 2 3", "caught out of range", "threads 400"), timeout=120,
    ),
    Case(
        name="llvm_tools", package="llvm-14 lld-14", beside={"lib": f"{LLVM}/lib"},
        programs=tuple(f"{LLVM}/bin/{name}" for name in ("lld", "llvm-objdump", "llvm-ar", "opt", "llc", "llvm-nm")),
        script=f"""
            clang-14 -O1 -emit-llvm -c -o sum.bc sum.c && $opt -O3 sum.bc -o fast.bc && $llc -filetype=obj -relocation-model=pic fast.bc -o sum.o
            $lld -flavor gnu -shared -o libsum.so sum.o && $llvm_nm -D libsum.so | cut -c18-; $llvm_objdump -d --no-show-raw-insn sum.o | grep -c padd
            $llvm_ar rcsD libsum.a sum.o && $llvm_ar t libsum.a; $lld -flavor gnu -o nothing missing.o
        """,
        status=1, says=("T sum",),
    ),
    Case(
        name="binutils", package="binutils",
        programs=tuple(f"/usr/bin/{name}" for name in (
            "as", "ld.bfd", "ar", "nm", "objdump", "objcopy", "readelf", "strip", "size", "strings", "addr2line",
            "c++filt", "ranlib")),
        script="""
            $as -o start.o start.s && $as -o text.o text.s && $ar rcsD libtext.a text.o && $ranlib -D libtext.a && $ld_bfd -o program start.o -L. -ltext && ./program
            $nm -n program; $objdump -d program | grep -c syscall; $readelf -hlSsW program | md5sum; $size program
            $objcopy --only-keep-debug program program.debug; $strip -o stripped program && ./stripped; $strings stripped | head -2
            $readelf -dWs --dyn-syms /usr/bin/dash | wc -l; echo _ZNSt6vectorIiSaIiEE9push_backERKi | $c__filt
            $ld_bfd -shared -o libboth.so text.o; $objdump -TR /usr/bin/dash | sort | head -3; $ld_bfd -o none start.o
        """,
        status=1, says=("hello from assembly", "std::vector<int, std::allocator<int> >::push_back(int const&)"),
    ),
    Case(
        name="make", programs=("/usr/bin/make",), package="make",
        script="$make -j2 -s && $make -q && echo 'nothing to do'; $make -n clean; $make -pn | grep -c '^sources'; $make fail",
        status=2, says=("joined", "nothing to do"),
    ),
    Case(
        name="cmake_and_ninja", programs=("/usr/bin/cmake", "/usr/bin/ninja", "/usr/bin/ctest"), package="cmake ninja-build", beside={"share": "/usr/share"},
        script="""
            $cmake -S . -B out -G Ninja -DCMAKE_BUILD_TYPE=Release > log || cat log; grep 'compiler ident' log
            $ninja -C out -j2 -t targets all | grep -c phony; $cmake --build out | tail -1
            ./out/program && (cd out && $ctest --output-on-failure | grep 'tests passed')
            $ninja -C out; $cmake -E sha256sum main.c; $cmake -P script.cmake; $cmake --install out --prefix $PWD/installed | tail -1
        """,
        says=("sum 6", "100% tests passed", "no work to do"), timeout=180, needs=("/usr/bin/cc", "/usr/bin/c++"),
        ignored_files=(r"out/.*", "log"),
        changes=((r"^\[\d+/\d+\] ", "[n/n] "),),
    ),
    Case(
        name="patchelf_and_pkgconf", programs=("/usr/bin/patchelf", "/usr/bin/pkg-config"), package="patchelf pkgconf",
        script="""
            cp /usr/bin/dash copy; $patchelf --set-rpath '$ORIGIN/lib' --add-needed libm.so.6 copy && $patchelf --print-rpath copy && $patchelf --print-needed copy && ./copy -c 'echo runs'
            printf 'prefix=/p\\nName: a\\nDescription: a\\nVersion: 1.2\\nLibs: -L${prefix}/lib -la\\nRequires: b >= 1\\n' > a.pc
            printf 'Name: b\\nDescription: b\\nVersion: 2\\nCflags: -DB\\n' > b.pc
            export PKG_CONFIG_PATH=.; $pkg_config --modversion a; $pkg_config --cflags --libs a; $patchelf --print-interpreter a.pc
        """,
        status=1, says=("libm.so.6", "runs", "-L/p/lib"),
    ),
    Case(
        name="git", programs=("/usr/bin/git",), package="git", script="sh work.sh",
        says=("nothing to commit", "third commit", "merged", "same tree"), status=128,
        environment={
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "C",
            "GIT_COMMITTER_EMAIL": "c@example.org", "GIT_AUTHOR_DATE": "1000000000 +0000",
            "GIT_COMMITTER_DATE": "1000000001 +0000", "GIT_CONFIG_NOSYSTEM": "1"},
        ignored_files=(r".*\.git/index", r"clone/\.git/.*\.idx"),
    ),
)
