# Perl without any extension module: nothing but the interpreter is needed.
my %memo;
sub fibonacci { my $n = shift; return $memo{$n} //= $n < 2 ? $n : fibonacci($n - 1) + fibonacci($n - 2) }
print "fibonacci ", fibonacci(20), "\n";
my %price = (apple => 3, pear => 1, fig => 2);
print "sorted: @{[sort { $price{$a} <=> $price{$b} } keys %price]}\n";
my $text = join ",", map { sprintf "%02x", $_ * 7 % 256 } 1 .. 40;
(my $copy = $text) =~ s/([0-9a-f]{2}),(\1)?/<$1>/g;
print "$copy\n";
open my $out, ">", "written" or die; print {$out} "line $_\n" for 1 .. 100; close $out;
open my $in, "<", "written" or die; my @lines = grep { /[37]$/ } <$in>; print "read ", scalar @lines, "\n";
print "from a child: ", scalar `echo child \$((6 * 7))`;
local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 5; }; print "caught $@";
print pack("N n C A4 w", 1, 2, 3, "abcd", 300) eq "\0\0\0\1\0\2\3abcd\x82\x2c" ? "packed\n" : "wrong\n";
printf "%.10f %e %s %b\n", atan2(1, 1) * 4, 12345.678, 1e300 * 1e10, 37;
format STDOUT =
@<<<<<<< @>>>>> @##.##
"left", "right", 3.14159
.
write;
if (my $child = fork) { waitpid $child, 0; print "child said ", $? >> 8, "\n" } else { exit 9 }
print join("|", sort { $a <=> $b } map { length } split /\s+/, "some words of different lengths"), "\n";
warn "to stderr @ARGV\n";
exit 4;
