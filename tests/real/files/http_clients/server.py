"""A loopback server whose answers never change; it prints its port."""
import gzip
import http.server

BIG = b"".join(b"line %d\n" % n for n in range(100000))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Test", ""

    def answer(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/redirect":
            self.answer(b"", 302, Location="/path")
        elif self.path == "/gzip":
            self.answer(gzip.compress(b"inflated text\n" * 500, mtime=0), Content_Encoding="gzip")
        elif self.path == "/big":
            wanted = self.headers.get("Range")
            self.answer(BIG[:100], 206, Content_Range="bytes 0-99/*") if wanted else self.answer(BIG)
        elif self.path == "/missing":
            self.answer(b"nothing here\n", 404)
        else:
            self.answer(b"you asked for " + self.path.encode() + b"\n")

    def do_POST(self):
        if self.headers.get("Expect") == "100-continue":
            self.send_response_only(100)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b"mine " + self.headers.get("X-Mine", "no").encode() + b" body " + body + b"\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
