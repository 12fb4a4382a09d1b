"""A unit test with the parts of the standard library that call back into C."""
import ctypes, datetime, decimal, json, sqlite3, struct, threading, unittest, zlib


class Everything(unittest.TestCase):
    def test_json_round_trip(self):
        for value in (None, 1, 1.5, "ü", [1, [2]], {"a": {"b": []}}):
            self.assertEqual(json.loads(json.dumps(value)), value)

    def test_decimal_in_threads_keeps_a_context_each(self):
        seen = {}

        def work(digits):
            decimal.getcontext().prec = digits
            seen[digits] = len(str(decimal.Decimal(1) / 3)) - 2
        threads = [threading.Thread(target=work, args=(n,)) for n in range(5, 25)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        self.assertEqual(seen, {n: n for n in range(5, 25)})

    def test_structures_by_ctypes(self):
        class Point(ctypes.Structure):
            _fields_ = [("x", ctypes.c_int16), ("y", ctypes.c_double)]
        self.assertEqual(ctypes.sizeof(Point), 16)
        self.assertEqual(bytes(Point(1, 2.0))[8:], struct.pack("<d", 2.0))

    def test_sqlite_errors_are_exceptions(self):
        with self.assertRaises(sqlite3.OperationalError):
            sqlite3.connect(":memory:").execute("select * from nothing")

    def test_checksums(self):
        self.assertEqual(zlib.adler32(b"abc"), 0x024d0127)

    def test_dates(self):
        self.assertEqual(datetime.date(2024, 2, 29) + datetime.timedelta(366), datetime.date(2025, 3, 1))
