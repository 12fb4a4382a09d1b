// The UTF-8 locale is set and converts.

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

int main(void) {
  wchar_t wide[20];
  printf("set: %s\n", setlocale(LC_ALL, "C.UTF-8") ? "yes" : "NO");
  printf("characters: %zu\n", mbstowcs(wide, "gr\xc3\xbc\xc3\x9f", 20));
  printf("last: %d\n", (int)wide[3]);
  printf("point: %s\n", localeconv()->decimal_point);
  return 0;
}
