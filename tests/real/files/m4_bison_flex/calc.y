%{
#include <stdio.h>
int yylex(void);
int yywrap(void) { return 1; }
void yyerror(const char *text) { fprintf(stderr, "%s\n", text); }
%}
%define api.value.type {double}
%token NUMBER
%left '+' '-'
%left '*' '/'
%%
input: expression { printf("%g\n", $1); };
expression: NUMBER
  | expression '+' expression { $$ = $1 + $3; }
  | expression '-' expression { $$ = $1 - $3; }
  | expression '*' expression { $$ = $1 * $3; }
  | expression '/' expression { $$ = $1 / $3; }
  | '(' expression ')' { $$ = $2; };
%%
int main(void) { return yyparse(); }
