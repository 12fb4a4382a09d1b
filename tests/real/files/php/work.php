<?php
$list = [5, 3, 8, 1, 2]; sort($list); echo "sorted ", implode(",", $list), "\n";
preg_match('/(?<year>\d{4})/', "in 2024", $found); echo "match {$found['year']}\n";
echo "inflated ", gzuncompress(gzcompress(str_repeat("a", 1000))) === str_repeat("a", 1000), "\n";
function generate() { foreach (range(1, 3) as $n) { $got = yield $n => $n * $n; } return "done"; }
foreach (($g = generate()) as $k => $v) echo "$k=>$v "; echo $g->getReturn(), "\n";
echo hash("sha256", "abc"), " ", crc32("abc"), " ", json_encode(["a" => [1, null, "ü"]], JSON_UNESCAPED_UNICODE), "\n";
class Point { public function __construct(public readonly int $x = 0) {} public function __toString(): string { return "P{$this->x}"; } }
echo new Point(4), " ", match (true) { PHP_INT_SIZE === 8 => "64 bits", default => "other" }, " ", date("Y-m-d", 86400), "\n";
try { intdiv(1, 0); } catch (DivisionByZeroError $e) { echo get_class($e), "\n"; }
echo shell_exec("echo from a child"), number_format(1234567.891, 2), " ", strrev("abc"), " ", serialize(["k" => 1.5]), "\n";
