// Local time follows TZ.

#include <stdio.h>
#include <time.h>

int main(void) {
  time_t moment = 1700000000;
  char text[80];
  strftime(text, sizeof text, "%F %T %Z", localtime(&moment));
  puts(text);
  return 0;
}
