#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct pair {
  int left;
  double right;
  char text[8];
};
static int work(struct pair *pair) {
  pair->left += (int)strlen(pair->text);
  return pair->left;
}
int main(void) {
  struct pair pair = {0, 1.5, "abc"};
  for (int i = 0; i < 3; i++) work(&pair);
  puts("done");
  return abs(-pair.left);
}
