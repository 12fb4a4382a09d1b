"""Python with the extension modules that people use every day."""
import array, asyncio, bz2, ctypes, ctypes.util, csv, datetime, decimal, hashlib, hmac, io, json, lzma, math, mmap
import multiprocessing, os, queue, random, resource, socket, sqlite3, ssl, subprocess, sys, threading, uuid, zlib
import xml.etree.ElementTree as tree, concurrent.futures, contextvars, curses, readline, unicodedata, zoneinfo, select

connection = sqlite3.connect(":memory:")
connection.execute("create table t(n)")
connection.executemany("insert into t values (?)", ((n,) for n in range(100)))
connection.create_function("twice", 1, lambda n: 2 * n)
print("sqlite", *connection.execute("select sum(n) from t").fetchone(), *connection.execute("select twice(21)").fetchone())

subprocess.run(["/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tmp/key.pem", "-out",
                "tmp/cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
               check=True, capture_output=True)
server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server_context.load_cert_chain("tmp/cert.pem", "tmp/key.pem")
client_context = ssl.create_default_context(cafile="tmp/cert.pem")
listener = socket.create_server(("127.0.0.1", 0))


def serve():
    with server_context.wrap_socket(listener.accept()[0], server_side=True) as peer:
        peer.sendall(b"hello through tls " + peer.recv(100))


server = threading.Thread(target=serve)
server.start()
with client_context.wrap_socket(socket.create_connection(listener.getsockname()), server_hostname="localhost") as client:
    client.sendall(b"42")
    print("tls", client.recv(100).decode(), client.version())
server.join()
for name in ("tmp/key.pem", "tmp/cert.pem"):
    os.remove(name)

libc = ctypes.CDLL(None, use_errno=True)
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 5)(5, 3, 1, 4, 2)
libc.qsort(numbers, 5, ctypes.sizeof(ctypes.c_int), compare(lambda a, b: a[0] - b[0]))
libm = ctypes.CDLL("libm.so.6")
libm.pow.restype = ctypes.c_double
libm.pow.argtypes = [ctypes.c_double] * 2
libc.close(-1)
print("ctypes", int(libm.pow(42, 2)), list(numbers), ctypes.get_errno(), ctypes.CDLL("libz.so.1").crc32(0, b"abc", 3) == zlib.crc32(b"abc"))
try:
    ctypes.CDLL("libnothing.so.0")
except OSError as error:
    print("no library:", "libnothing.so.0" in str(error))

text = json.dumps({"list": [1, 2.5, None, "ü"], "nested": {"a": [True]}}, sort_keys=True)
print(text, json.loads(text) == json.loads(text.encode()))
print("hashes", hashlib.sha256(b"abc").hexdigest()[:16], hashlib.blake2b(b"abc").hexdigest()[:16], hashlib.new("sha3_256", b"x").hexdigest()[:16],
      hmac.new(b"k", b"m", "sha512").hexdigest()[:16], hashlib.pbkdf2_hmac("sha256", b"p", b"s", 1000).hex()[:16])
data = b"compress me " * 5000
print("packed", [len(m.decompress(m.compress(data))) for m in (zlib, bz2, lzma)])
decimal.getcontext().prec = 60
print("decimal", decimal.Decimal(2).sqrt(), decimal.Decimal(1) / 7)
random.seed(7)
print("random", [random.randint(0, 99) for _ in range(5)], random.gauss(0, 1))
print("child", subprocess.run(["tr", "a-z", "A-Z"], input="piped", text=True, capture_output=True).stdout)
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print("pool", sum(pool.map(lambda n: zlib.crc32(bytes(n)) & 0xff, range(200))))
with multiprocessing.get_context("fork").Pool(2) as pool:
    print("processes", pool.map(math.factorial, range(6)))


async def both():
    reader, writer = socket.socketpair()
    left = await asyncio.open_connection(sock=reader)
    right = await asyncio.open_connection(sock=writer)
    left[1].write(b"line\n")
    answer = await right[0].readline()
    left[1].close(), right[1].close()
    process = await asyncio.create_subprocess_exec("echo", "async child", stdout=subprocess.PIPE)
    return answer, (await process.communicate())[0]


print("asyncio", asyncio.run(both()))
print("xml", tree.fromstring("<a><b c='1'/><b c='2'/></a>").findall("b")[1].get("c"), unicodedata.name("é"))
print("time", datetime.datetime(2024, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).isoformat())
with mmap.mmap(-1, 8192) as memory:
    memory[5000:5004] = b"mmap"
    print(memory.find(b"mmap"), array.array("d", [1.5, 2.5]).tobytes().hex())
