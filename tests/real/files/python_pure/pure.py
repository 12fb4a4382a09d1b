"""Python without extension modules that lie in files of their own."""
import collections, functools, itertools, os, re, sys, textwrap, threading, time, marshal, pickle, struct, io

sieve = [n for n in range(2, 1000) if all(n % d for d in range(2, int(n ** 0.5) + 1))]
print("primes", len(sieve), sum(sieve))
try:
    {}["missing"]
except KeyError as error:
    print("caught", type(error).__name__, error)


class Node(collections.namedtuple("Node", "left right")):
    def depth(self):
        return 1 + max(child.depth() if child else 0 for child in self)


print("depth", functools.reduce(lambda tree, _: Node(tree, None), range(200), None).depth())
print(re.sub(r"(?P<a>\w)(?P<b>\w)", r"\g<b>\g<a>", "swap every pair"), textwrap.shorten("many words " * 9, 40))
print(pickle.loads(pickle.dumps({"x": [1, (2, 3)], "y": {4}})), struct.pack(">hIq", -1, 2, 3).hex(), 2 ** 300 % 10 ** 30)
total = [0]
lock = threading.Lock()


def work(n):
    for _ in range(1000):
        with lock:
            total[0] += n


threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print("threads", total[0])
child = os.fork()
if child == 0:
    os._exit(11)
print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
reading, writing = os.pipe()
os.write(writing, "grüße".encode())
print(os.read(reading, 100).decode(), file=sys.stderr)


def generate():
    received = yield 1
    yield received * 2


g = generate()
print(next(g), g.send(21), list(itertools.accumulate(range(10))))
sys.setrecursionlimit(3000)
try:
    (lambda f: f(f))(lambda f: f(f))
except RecursionError:
    print("too deep")
sys.exit(3)
