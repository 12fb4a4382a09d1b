create table numbers(number int, digest text);
insert into numbers select n, md5(n::text) from generate_series(1, 20000) n;
select count(*), max(digest) from numbers;
create function twice(n int) returns int as $$ begin return n * 2; end $$ language plpgsql;
select sum(twice(number)) from numbers;
create index on numbers(digest);
select number from numbers where digest = md5('77');
select case when encode(sha256('abc'), 'hex') like 'ba7816bf%' then 'true digest' end;
select 1 / 0;
