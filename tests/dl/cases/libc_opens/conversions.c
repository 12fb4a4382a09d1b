// libc opens a module of iconv, and closes it again when nobody converts any more.
#define _GNU_SOURCE
#include <iconv.h>

#include "opens.h"

int main(void) {
  for (int round = 0; round < 40; ++round) {
    iconv_t conversion = iconv_open("ISO-8859-15", "UTF-8");
    if (conversion == (iconv_t)-1) {
      say("no module");
      return 0;
    }
    char from[] = "\xe2\x82\xac", to[4] = {0};
    char *in = from, *out = to;
    size_t left = sizeof from - 1, room = sizeof to;
    if (iconv(conversion, &in, &left, &out, &room) != 0 || (unsigned char)to[0] != 0xa4) return 1;
    iconv_close(conversion);
  }
  say("converted");
  return 0;
}
