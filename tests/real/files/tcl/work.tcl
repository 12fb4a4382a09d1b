set sum 0
for {set i 1} {$i <= 100} {incr i} {incr sum [expr {$i ** 2}]}
puts "sum $sum"
proc fibonacci {} { yield; set a 0; set b 1; while 1 { yield $b; lassign [list $b [expr {$a + $b}]] a b } }
coroutine next fibonacci
puts "generated [next] [next] [next] [next] [next]"
puts "exec [lindex [exec seq 1 3] end]"
set d [dict create b 2 a 1]; puts [lsort [dict keys $d]]
puts [clock format 86400 -gmt true -format "%Y-%m-%d %A"]
puts [regsub -all {(\w)(\w)} "swap pairs" {\2\1}] 
puts [binary encode hex [zlib compress [string repeat a 100]]]
puts [string toupper [encoding convertfrom utf-8 [encoding convertto utf-8 "grüße"]]]
catch {error "meant" "" {CODE 7}} message options; puts "$message [dict get $options -errorcode]"
oo::class create Counter { variable n; constructor {} {set n 0}; method up {} {incr n} }
Counter create c; c up; puts [c up]
set server [socket -server {apply {{channel address port} {puts $channel "hello from [string length $address]"; close $channel}}} -myaddr 127.0.0.1 0]
set port [lindex [fconfigure $server -sockname] 2]
set client [socket -async 127.0.0.1 $port]; fileevent $client readable {puts [gets $client]; set done 1}; vwait done
puts [expr {2 ** 200 % 1000007}]
