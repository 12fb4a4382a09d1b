"""Real work for programs that talk to others over the loopback, and for cryptography."""

from real_harness import BY_INTERPRETER, Case

# Starts the case's server on a free port and waits until it has said which.
SERVER = """
    /usr/bin/python3 -S server.py > tmp/port 2> /dev/null & server=$!
    while ! [ -s tmp/port ]; do sleep 0.05; done; port=$(cat tmp/port); rm tmp/port
    url=http://localhost:$port
"""
FREE_PORT = "$(/usr/bin/python3 -S -c 'import socket; s = socket.create_server((\"127.0.0.1\", 0)); print(s.getsockname()[1])')"

CASES = (
    Case(
        name="http_clients", programs=("/usr/bin/curl", "/usr/bin/wget"), package="curl wget",
        script=SERVER + """
            $curl -sS -i $url/path?q=1 | tr -d '\\r' | grep -v '^Date'; $curl -sS -d 'a=b&c=d' -H 'X-Mine: yes' $url/echo
            $curl -sS -L --max-redirs 3 -w '%{http_code} %{num_redirects}\\n' $url/redirect; $curl -sS --compressed $url/gzip | tail -1
            $curl -sS -o big $url/big && cksum big; $curl -sS -o part1 -r 0-99 $url/big -o part2 $url/echo; head -c 10 part1
            $curl -sS -F file=@server.py -F name=value $url/echo | grep -c Content-Disposition; $curl -sS --data-binary @- $url/echo < part2
            $wget -q -O - --header='A: b' $url/path; $wget -nv -P got $url/big 2>&1 | grep -c saved; cmp big got/big && echo same
            $curl -sS --resolve example.org:$port:127.0.0.1 http://example.org:$port/path; $curl -sS file://$PWD/server.py | head -1
            $curl -sSf $url/missing; echo $?; kill $server; wait; $curl -sS --retry 0 http://localhost:1/
        """,
        status=7, says=("200 1", "inflated text", "same", "body a=b&c=d"), changes=((r"localhost:\d+", "localhost:PORT"),
                                                                               (r"Port \d+|after \d+ ms", "N")),
    ),
    Case(
        name="openssl", programs=("/usr/bin/openssl",), package="openssl",
        script="""
            echo 'a message' > text; cd tmp
            for kind in 'RSA -pkeyopt rsa_keygen_bits:2048' ED25519 'EC -pkeyopt ec_paramgen_curve:P-256'; do
                $openssl genpkey -quiet -algorithm $kind -out key 2>/dev/null || $openssl genpkey -algorithm $kind -out key 2>/dev/null
                $openssl pkey -in key -pubout -out public; $openssl pkeyutl -sign -rawin -inkey key -in ../text -out signature
                $openssl pkeyutl -verify -rawin -pubin -inkey public -in ../text -sigfile signature
            done
            $openssl req -x509 -key key -out cert -days 10 -subj '/CN=localhost/O=Test' -addext 'subjectAltName=DNS:localhost'
            $openssl x509 -in cert -noout -subject -ext subjectAltName; $openssl verify -CAfile cert cert
            $openssl cms -encrypt -in ../text -out message -aes256 cert; $openssl cms -decrypt -in message -inkey key -recip cert
            rm -f key public signature cert message; cd ..
            for digest in md5 sha1 sha256 sha3-512 blake2b512; do $openssl dgst -$digest text; done
            $openssl enc -aes-256-cbc -pbkdf2 -pass pass:p -S 0102030405060708 -in text | $openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:p -S 0102030405060708
            $openssl enc -chacha20 -K 00 -iv 00 -in text 2>/dev/null | od -An -tx1; $openssl prime -generate -bits 64 | wc -l; $openssl list -digest-algorithms | head -3
            $openssl rand -hex 16 | wc -c; $openssl asn1parse -genstr UTF8:text; $openssl dgst -sha256 missing
        """,
        status=1, says=("Signature Verified Successfully", "cert: OK", "a message"),
        changes=((r"^[0-9A-F]{12,}:", "THREAD:"),),
    ),
    Case(
        name="openssl_with_a_provider_in_a_file", programs=("/usr/bin/openssl",), package="openssl",
        script="echo text | $openssl md4 -provider legacy -provider default 2>/dev/null; echo text | $openssl dgst -provider legacy -provider default -whirlpool",
        says=("WHIRLPOOL(stdin)= ",), opens_libraries=("openssl",),
    ),
    Case(
        name="tls_server_and_client", programs=("/usr/bin/openssl", "/usr/bin/curl"), package="openssl curl",
        script=f"""
            openssl req -x509 -newkey rsa:2048 -nodes -keyout tmp/key -out tmp/cert -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
            port={FREE_PORT}; echo content > page
            $openssl s_server -accept 127.0.0.1:$port -key tmp/key -cert tmp/cert -WWW -quiet 2>/dev/null & server=$!
            for try in 1 2 3 4 5 6 7 8 9; do sleep 0.2; $curl -sS --http0.9 --cacert tmp/cert https://localhost:$port/page > got 2>/dev/null && break; done; cat got
            echo Q | $openssl s_client -connect localhost:$port -CAfile tmp/cert -brief 2>&1 | grep -E 'Protocol|Verification|Cipher'
            $curl -sS https://localhost:$port/page; echo $?; kill $server; rm tmp/key tmp/cert
        """,
        says=("content", "Verification: OK", "TLSv1.3", "60"),
    ),
    Case(
        name="ssh_keys", programs=("/usr/bin/ssh-keygen", "/usr/bin/ssh-agent", "/usr/bin/ssh-add"), package="openssh-client",
        script="""
            for kind in 'ed25519' 'rsa -b 2048' 'ecdsa -b 384'; do
                $ssh_keygen -q -t $kind -N '' -C me -f tmp/key && $ssh_keygen -y -f tmp/key | cut -d' ' -f1; $ssh_keygen -l -f tmp/key.pub | cut -d' ' -f1,3-
                echo signed | $ssh_keygen -q -Y sign -n file -f tmp/key > tmp/signature && { printf 'me '; cat tmp/key.pub; } > tmp/allowed
                echo signed | $ssh_keygen -Y verify -f tmp/allowed -I me -n file -s tmp/signature | sed 's/SHA256:.*/HASH/'
                eval "$($ssh_agent -a tmp/agent)" > /dev/null; $ssh_add -q tmp/key && $ssh_add -l | cut -d' ' -f1,3-; kill $SSH_AGENT_PID; rm -f tmp/*
            done
            $ssh_keygen -l -f missing
        """,
        status=255, says=('Good "file" signature', "2048 me (RSA)"),
    ),
    Case(
        name="gpg", programs=("/usr/bin/gpg", "/usr/bin/gpgv", "/usr/bin/gpgconf"), package="gnupg",
        script="""
            mkdir -m 700 tmp/g; export GNUPGHOME=$PWD/tmp/g; echo 'a message' > text
            for file in gpg gpg-agent; do echo s2k-count 65536 > tmp/g/$file.conf; done
            G="$gpg --batch --quiet --no-tty --pinentry-mode loopback --passphrase=secret --trust-model always"
            $G --quick-gen-key 'A <a@example.org>' ed25519 sign never && $G --quick-gen-key 'R <r@example.org>' future-default default never
            $G --armor --detach-sign -u a@example.org -o tmp/text.asc text && $G --verify tmp/text.asc text 2>&1 | grep -c 'Good signature'
            $G -e -r r@example.org -o tmp/sealed text && $G -d tmp/sealed; $G --export a@example.org > tmp/keyring; $gpgv --keyring $PWD/tmp/keyring tmp/text.asc text 2>&1 | grep -c Good
            $G --symmetric --cipher-algo AES256 -o tmp/locked text; $G -d tmp/locked; $G --print-md SHA512 text; $G --list-keys --with-colons | cut -d: -f1-4 | grep -E '^(pub|sub|uid)' | sort
            $gpgconf --kill all; rm -rf tmp/*; $gpgconf --list-dirs | grep -c :
        """,
        says=("a message\n1\na message",), changes=((r"/tmp/\S*", "PATH"), (r"^gpg: .*\n", "")),
    ),
    Case(
        name="redis", programs=("ROOT/usr/bin/redis-server", "ROOT/usr/bin/redis-cli"), package="redis-server redis-tools",
        unpacked=("redis-server", "redis-tools", "libatomic1", "libjemalloc2", "liblzf1"),
        script=f"""
            port={FREE_PORT}; cd tmp; export LD_LIBRARY_PATH=$ROOT/usr/lib/x86_64-linux-gnu
            $redis_server --port $port --bind 127.0.0.1 --save '' --appendonly no --dir . --daemonize no --enable-debug-command local > log & server=$!
            R="$redis_cli -p $port"; for try in 1 2 3 4 5 6 7 8 9; do sleep 0.2; $R ping 2>/dev/null | grep -q PONG && break; done
            for i in $(seq 1 300); do echo "SET key$i value$i"; done | $R --pipe | tail -2
            $R mget key1 key299; $R zadd z 3 c 1 a 2 b; $R zrangebyscore z 1 2; $R eval 'return {{redis.call("dbsize"), ARGV[1]}}' 0 x
            $R set e 1 ex 100 > /dev/null; $R object encoding key1; $R save; $R debug reload; $R dbsize; $R set after load; $R --json hgetall nothing; $R info server | grep -c redis_
            $R flushall async; $R unknown; $R shutdown nosave; wait $server; echo $?; rm -f log dump.rdb
        """,
        says=("errors: 0, replies: 300", "value299", "unknown command"),
    ),
    Case(
        name="nginx", programs=("ROOT/usr/sbin/nginx",), package="nginx", needs=("/usr/bin/curl",),
        unpacked=("nginx", "libnginx-mod-http-echo", "libnginx-mod-stream"), opens_libraries=("nginx",),
        script=f"""
            port={FREE_PORT}; sed "s|@PORT@|$port|; s|@WORK@|$PWD|; s|@ROOT@|$ROOT|" nginx.conf > tmp/conf; mkdir -p tmp/logs www; seq 1 5000 > www/numbers; chmod 755 . ..
            $nginx -p $PWD/tmp -c $PWD/tmp/conf -t 2>&1 | grep -c successful
            $nginx -p $PWD/tmp -c $PWD/tmp/conf 2>/dev/null & server=$!
            for try in 1 2 3 4 5 6 7 8 9; do sleep 0.2; curl -s http://127.0.0.1:$port/numbers > tmp/got && break; done; cksum < tmp/got
            curl -s -H 'Accept-Encoding: gzip' http://127.0.0.1:$port/numbers | gzip -d | tail -1; curl -s -o /dev/null -w '%{{http_code}}\\n' http://127.0.0.1:$port/none
            curl -s http://127.0.0.1:$port/echo/abc; curl -s http://127.0.0.1:$port/module/abc; seq 400 | xargs -P 8 -I@ curl -s -o /dev/null -w '%{{http_code}}\\n' http://127.0.0.1:$port/module/@ | sort | uniq -c; curl -s -r 0-9 http://127.0.0.1:$port/numbers; kill -QUIT $server; wait $server; echo $?; rm -rf tmp/* www
        """,
        says=("5000", "404", "you asked for abc", "the module says abc", "400 200"),
    ),
    Case(
        name="postgres", programs=tuple(f"ROOT/usr/lib/postgresql/15/bin/{name}" for name in ("postgres", "initdb", "psql")),
        package="postgresql-15", unpacked=("postgresql-15", "postgresql-client-15", "libpq5", "libxslt1.1"), as_root=True,
        launches=(BY_INTERPRETER,), opens_libraries=("postgres",), timeout=180, slow=True,
        script="""
            chmod 755 . ..; cp -r $ROOT/usr tmp; B=$PWD/tmp/usr/lib/postgresql/15/bin; cp $postgres $initdb $psql $B; D=$PWD/tmp/data; mkdir $D; chown nobody $D
            as="setpriv --reuid=nobody --regid=nogroup --clear-groups env LD_LIBRARY_PATH=$PWD/tmp/usr/lib/x86_64-linux-gnu"
            $as $B/initdb -D $D/base -A trust --no-locale -E UTF8 > $D.log 2>&1 || cat $D.log
            $as $B/postgres -D $D/base -k $D -c listen_addresses= -c jit=off > $D.log 2>&1 & server=$!
            for try in 1 2 3 4 5 6 7 8 9; do sleep 0.5; $as $B/psql -h $D -d postgres -At -f $PWD/queries.sql > got 2>&1 && break; done; cat got
            kill -INT $server; wait $server; echo $?; rm -rf tmp/*
        """,
        says=("20000|fffb8ef15de06d87e6ba6c830f3b6284", "400020000", "true digest"),
    ),
    Case(
        name="socat", programs=("/usr/bin/socat",), package="socat",
        script=f"""
            port={FREE_PORT}; $socat TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork SYSTEM:'tr a-z A-Z' & server=$!
            sleep 0.4; echo through tcp | $socat -t 2 - TCP:localhost:$port; kill $server
            $socat UNIX-LISTEN:tmp/s EXEC:'sed s/a/b/g' & sleep 0.3; echo aaa | $socat -t 2 - UNIX-CONNECT:tmp/s; seq 3 | $socat -u - OPEN:out,creat; cat out
            $socat EXEC:'echo from a terminal',pty - ; wait; $socat - UNIX-CONNECT:missing
        """,
        status=1, says=("THROUGH TCP", "bbb", "from a terminal"),
        changes=((r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(\.\d+)? socat\[\d+\]", "socat"),),
    ),
)
