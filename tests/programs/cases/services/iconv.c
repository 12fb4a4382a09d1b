// iconv converts to UTF-16 and from Latin 1.

#include <iconv.h>
#include <stdio.h>

static void convert(const char* to, const char* from, char* text, size_t length) {
  unsigned char result[40];
  char* out = (char*)result;
  size_t left = sizeof result;
  iconv_t converter = iconv_open(to, from);
  if (converter == (iconv_t)-1) {
    printf("%s to %s: none\n", from, to);
    return;
  }
  iconv(converter, &text, &length, &out, &left);
  printf("%s to %s:", from, to);
  for (unsigned char* each = result; (char*)each < out; ++each) printf(" %02x", *each);
  printf(" closed %d\n", iconv_close(converter));
}

int main(void) {
  convert("UTF-16LE", "UTF-8", "g\xc3\xbc", 3);
  convert("UTF-8", "ISO-8859-1", "\xfc", 1);
  return 0;
}
