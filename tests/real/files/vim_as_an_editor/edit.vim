%s/\v(\d)(\d)$/\2\1/
g/7$/d
normal ggyyGp
sort n
call append(0, [strftime("%Y", 0), string(map(range(5), "v:val * v:val")), toupper("text")])
write out
let digest = json_encode({"a": sha256("b"), "list": sort([3, 1, 2]), "float": sqrt(2.0)})
$put =digest
function Fibonacci(n)
  return a:n < 2 ? a:n : Fibonacci(a:n - 1) + Fibonacci(a:n - 2)
endfunction
$put ='fibonacci ' .. Fibonacci(15)
$put =systemlist('seq 3')
set encoding=utf-8 fileencoding=utf-16le
write! wide
set fileencoding=utf-8
write! second
quitall!
