// Text work on musl: regular expressions, character sets, sorting, numbers, files, children.
#define _GNU_SOURCE
#include <fnmatch.h>
#include <getopt.h>
#include <glob.h>
#include <iconv.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <regex.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

static int by_text(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

static void match(void) {
  regex_t expression;
  regmatch_t parts[3];
  if (regcomp(&expression, "([a-z]+)-([0-9]+)", REG_EXTENDED) != 0) abort();
  const char *text = "see item-2024 here";
  if (regexec(&expression, text, 3, parts, 0) == 0)
    printf("matched %.*s and %.*s\n", (int)(parts[1].rm_eo - parts[1].rm_so), text + parts[1].rm_so,
           (int)(parts[2].rm_eo - parts[2].rm_so), text + parts[2].rm_so);
  regfree(&expression);
  printf("fnmatch %d %d\n", fnmatch("*.t[xy]t", "a.txt", 0), fnmatch("*.t[xy]t", "a.tzt", 0) != 0);
}

static void convert(void) {
  char in[] = "Z\xc3\xbcrich", out[64], *from = in, *to = out;
  size_t in_left = strlen(in), out_left = sizeof out;
  iconv_t conversion = iconv_open("UTF-16LE", "UTF-8");
  size_t result = iconv(conversion, &from, &in_left, &to, &out_left);
  printf("iconv %zd, %zu bytes, %s\n", (ssize_t)result, sizeof out - out_left, nl_langinfo(CODESET));
  iconv_close(conversion);
  wchar_t wide[16];
  size_t length = mbstowcs(wide, in, 16);
  printf("wide %zu %lc\n", length, (wint_t)towupper(wide[1]));
}

static void count_and_sort(int count, char **words) {
  qsort(words, (size_t)count, sizeof *words, by_text);
  for (int i = 0; i < count; i++) printf("%s%c", words[i], i + 1 < count ? ' ' : '\n');
  hcreate(16);
  ENTRY entry = {.key = "key", .data = "found in the table"};
  hsearch(entry, ENTER);
  printf("%s\n", (char *)hsearch((ENTRY){.key = "key"}, FIND)->data);
  hdestroy();
}

static void children(void) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(7);
  int status;
  waitpid(child, &status, 0);
  char line[64] = "";
  FILE *pipe = popen("echo from a child", "r");
  if (pipe == NULL || fgets(line, sizeof line, pipe) == NULL) abort();
  printf("child %d, %s", WEXITSTATUS(status), line);
  pclose(pipe);
}

int main(int count, char **words) {
  setlocale(LC_ALL, "");
  int option, upper = 0;
  while ((option = getopt(count, words, "u")) != -1) upper += option == 'u';
  printf("options %d, first word %s\n", upper, words[optind]);
  match();
  convert();
  count_and_sort(count - optind, words + optind);
  printf("%.17g %a %Lg %s\n", pow(2, 0.5), 0.1, strtold("1e4000", NULL), isnan(sqrt(-1)) ? "nan" : "number");
  time_t when = 1234567890;
  char date[64];
  strftime(date, sizeof date, "%A %F %T", gmtime(&when));
  puts(date);
  children();
  glob_t found;
  if (glob("/etc/host[s]", 0, NULL, &found) == 0) printf("glob %s\n", found.gl_pathv[0]);
  globfree(&found);
  fprintf(stderr, "to stderr: %s\n", getenv("LANG"));
  return 5;
}
