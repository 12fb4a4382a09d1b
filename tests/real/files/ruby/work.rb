require 'digest'; require 'json'; require 'zlib'; require 'stringio'; require 'socket'; require 'bigdecimal'; require 'date'; require 'openssl'; require 'ripper'
puts "primes #{(2..100).select { |n| (2..Math.sqrt(n)).none? { |d| (n % d).zero? } }.size}"
puts "digest #{Digest::SHA256.hexdigest('abc')} #{OpenSSL::Digest::SHA1.hexdigest('abc')}"
total = 0; lock = Mutex.new
10.times.map { Thread.new { 10.times { lock.synchronize { total += 1 } } } }.each(&:join)
puts "threads #{total}"
puts JSON.generate('a' => [1, nil, 2.5], 'ü' => { 'b' => true }), JSON.parse('{"x": [1, {"y": "z"}]}').dig('x', 1, 'y')
puts Zlib::Inflate.inflate(Zlib::Deflate.deflate('a' * 1000)).size, BigDecimal('2').sqrt(30).round(25).to_s, Date.new(2024, 2, 29).next_year.to_s
f = Fiber.new { |x| y = Fiber.yield(x * 2); y + 1 }; puts f.resume(4), f.resume(9)
puts `echo from a child`, $?.exitstatus
a, b = UNIXSocket.pair; a.puts 'through a socket'; puts b.gets
begin; raise ArgumentError, 'meant'; rescue => e; puts "#{e.class}: #{e.message}"; end
puts 'swap pairs'.gsub(/(\w)(\w)/, '\2\1'), 2**200 % 1_000_007, 'größe'.upcase, 'x'.encode('UTF-16LE').bytes.inspect
pid = fork { exit 7 }; Process.wait(pid); puts "child said #{$?.exitstatus}"
puts Ripper.sexp('1 + 2').flatten.size, ObjectSpace.respond_to?(:garbage_collect), GC.start.inspect
