"""Real work for interpreters, with and without extension modules."""

from real_harness import BY_INTERPRETER, Case

# Of Debian's package of Python's tests, which has none of sqlite3.
PYTHONS_OWN = (
    ("ctypes", "ctypes.test"),
    ("threading", "test.test_threading test.test_threading_local"),
    ("importlib", "test.test_importlib"),
    ("ssl", "test.test_ssl"),
)

CASES = (
    Case(
        name="perl_pure", programs=("/usr/bin/perl",), package="perl-base",
        script="$perl pure.pl one two", status=4, says=("fibonacci 6765", "sorted: pear fig apple"),
    ),
    Case(
        name="perl_with_extension_modules", programs=("/usr/bin/perl",), package="perl",
        script="$perl work.pl", says=("sum 5050", "digest 900150983cd24fb0d6963f7d28e17f72", "thread answered 385"),
        opens_libraries=("perl",),
    ),
    Case(
        name="python_pure", programs=("/usr/bin/python3",), package="python3-minimal",
        script="$python3 -S -E pure.py", says=("primes 168", "caught KeyError"), status=3,
        ignored_files=(r".*__pycache__.*",),
    ),
    Case(
        name="python_with_extension_modules", programs=("/usr/bin/python3",), package="python3",
        script="$python3 work.py", says=("sqlite 4950", "tls hello through tls", "ctypes 1764", "decimal 1.4142135623730950488"),
        opens_libraries=("python3",), ignored_files=(r".*__pycache__.*",), needs=("/usr/bin/openssl",),
    ),
    Case(
        name="python_with_its_test_suite", programs=("/usr/bin/python3",), package="python3",
        script="$python3 -m unittest -q unit 2>&1 | sed 's/in [0-9.]*s/in N s/'",
        says=("OK",), opens_libraries=("python3",), ignored_files=(r".*__pycache__.*",),
    ),
    *(Case(
        name=f"pythons_own_{name}", programs=("/usr/bin/python3",), package="python3",
        unpacked=("libpython3.11-testsuite",), opens_libraries=("python3",), launches=(BY_INTERPRETER,), timeout=240, slow=True,
        script=f"""
            mkdir tmp/lib; cp -rs /usr/lib/python3.11 tmp/lib; cp -r $ROOT/usr/lib/python3.11 tmp/lib
            PYTHONHOME=$PWD/tmp $python3 -m unittest -q {module} > tmp/said 2>&1; echo $?
            grep -aE '^(ERROR|FAIL|OK|FAILED|Ran)' tmp/said | sed 's/ in [0-9.]*s//' | sort; rm -rf tmp/*
        """,
        says=("OK",), ignored_files=("home/.*",),
    ) for name, module in PYTHONS_OWN),
    Case(
        name="node", programs=("/usr/bin/node",), package="nodejs",
        script="$node work.js; $node -p 'process.release.name'; $node -e 'throw new RangeError(`meant`)' 2>&1 | grep RangeError",
        says=("workers 3000", "inflated 50000", "sha256 ba7816bf"), timeout=120,
    ),
    Case(
        name="lua", programs=("/usr/bin/lua5.4",), package="lua5.4",
        script="""
            $lua5_4 -e 'local t = {} for i = 1, 1000 do t[#t + 1] = (i * 7919) % 1009 end table.sort(t)
                print(t[1], t[500], t[1000], string.format("%q %.3f", "a\\nb", math.pi), utf8.char(8364), 7 // 2, 2^53 | 0)
                local c = coroutine.wrap(function() for w in ("a b c"):gmatch("%a") do coroutine.yield(w) end end) print(c(), c())
                print(pcall(error, {code = 1})) for l in io.popen("seq 3"):lines() do io.write(l, ";") end print(os.date("!%F", 0))' | sed 's/0x[0-9a-f]*/ADDRESS/'
            $lua5_4 -e 'error("meant")'
        """,
        status=1, says=("1970-01-01",),
    ),
    Case(
        name="tcl", programs=("/usr/bin/tclsh8.6",), package="tcl8.6",
        script="$tclsh8_6 work.tcl", says=("sum 338350", "generated 1 1 2 3 5", "exec 3"),
    ),
    Case(
        name="ruby", programs=("/usr/bin/ruby3.1",), package="ruby3.1",
        script="$ruby3_1 --disable-gems work.rb", says=("primes 25", "digest ba7816bf", "threads 100"),
        opens_libraries=("ruby3.1",),
    ),
    Case(
        name="php", programs=("/usr/bin/php8.2",), package="php8.2-cli",
        script="$php8_2 -n work.php", says=("sorted 1,2,3,5,8", "match 2024", "inflated 1"),
    ),
    Case(
        name="php_with_extension_modules", programs=("/usr/bin/php8.2",), package="php8.2-cli php8.2-sqlite3",
        script="""$php8_2 -d extension=pdo -r '$d = new PDO("sqlite::memory:"); foreach ($d->query("select 6 * 7") as $r) echo "sqlite $r[0]\\n";'""",
        says=("sqlite 42",), opens_libraries=("php8.2",),
    ),
)
