define(`fact', `ifelse($1, 0, 1, `eval($1 * fact(decr($1)))')')fact(10)
esyscmd(`echo from m4')
forloop translit(`abc', `a-z', `A-Z') syscmd(`seq 3')
