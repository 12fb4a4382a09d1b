/* One program of many names, as rescue systems have it: what it does depends on the name that it is called by, and some
   of its parts start others, by fork, pipe and its own file. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <libgen.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef int Part(int count, char **words);
struct Named {
  const char *name;
  Part *part;
};
static Part *find(const char *name);

static int echo(int count, char **words) {
  for (int i = 1; i < count; ++i) printf("%s%c", words[i], i + 1 < count ? ' ' : '\n');
  return 0;
}

static int upper(int count, char **words) {
  (void)count, (void)words;
  for (int c; (c = getchar()) != EOF;) putchar(toupper(c));
  return 0;
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int sort(int count, char **words) {
  (void)count, (void)words;
  char *lines[1000], *line = NULL;
  size_t used = 0, room = 0;
  while (used < 1000 && getline(&line, &room, stdin) > 0) lines[used++] = strdup(line);
  qsort(lines, used, sizeof *lines, compare);
  for (size_t i = 0; i < used; ++i) fputs(lines[i], stdout);
  return 0;
}

static int grep(int count, char **words) {
  regex_t wanted;
  char *line = NULL;
  size_t room = 0;
  int found = 1;
  if (count < 2 || regcomp(&wanted, words[1], REG_EXTENDED) != 0) return 2;
  while (getline(&line, &room, stdin) > 0)
    if (regexec(&wanted, line, 0, NULL, 0) == 0) fputs(line, stdout), found = 0;
  return found;
}

static int date(int count, char **words) {
  time_t when = count > 1 ? atol(words[1]) : 0;
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime(&when));
  return puts(text) < 0;
}

/* pipe PART / PART / PART: each a process of its own, the output of one the input of the next. */
static int pipeline(int count, char **words) {
  int input = 0, status = 0;
  for (int first = 1; first < count;) {
    int end = first;
    while (end < count && strcmp(words[end], "/") != 0) ++end;
    int ends[2] = {0, 1};
    if (end < count && pipe(ends) != 0) return 2;
    if (fork() == 0) {
      if (input != 0) dup2(input, 0), close(input);
      if (ends[1] != 1) dup2(ends[1], 1), close(ends[1]), close(ends[0]);
      words[end] = NULL;
      execv("/proc/self/exe", words + first);
      _exit(126);
    }
    if (input != 0) close(input);
    if (ends[1] != 1) close(ends[1]);
    input = ends[0];
    first = end + 1;
  }
  for (int one; wait(&one) > 0;) status |= one;
  return WEXITSTATUS(status);
}

static const struct Named parts[] = {{"date", date}, {"echo", echo},    {"grep", grep},
                                     {"pipe", pipeline}, {"sort", sort}, {"upper", upper}};

static Part *find(const char *name) {
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i)
    if (strcmp(parts[i].name, name) == 0) return parts[i].part;
  return NULL;
}

int main(int count, char **words) {
  Part *part = find(basename(strdup(words[0])));
  if (part == NULL && count > 1) ++words, --count, part = find(words[0]);
  if (part == NULL) return fprintf(stderr, "no such part\n"), 2;
  return part(count, words);
}
