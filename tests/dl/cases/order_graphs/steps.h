// What a program and its objects do is said by the environment, so that one build serves many tests: STEPS has words
// WHO DOES WHAT, as "a+ob" (a's constructor opens b) or "main:cb" (the program closes b).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char* who, const char* what, const char* whom) {
  char line[100];
  int length = snprintf(line, sizeof line, "%s %s%s%s\n", who, what, *whom ? " " : "", whom);
  if (write(1, line, (size_t)length) != length) _exit(99);
}

// Is the object's constructor through?
static const char* state_of(void* handle, const char* name) {
  char symbol[20];
  snprintf(symbol, sizeof symbol, "ready_%s", name);
  const int* ready = dlsym(handle, symbol);
  return !ready ? "without its symbol" : *ready ? "ready" : "not ready";
}

static void open_or_find(const char* who, const char* name, int mode) {
  char file[20];
  snprintf(file, sizeof file, "lib%s.so", name);
  void* handle = dlopen(file, mode);
  if (!handle) return say(who, "does not find", name);
  say(who, mode & RTLD_NOLOAD ? "finds" : "has opened", name);
  say(who, state_of(handle, name), name);
  if (mode & RTLD_NOLOAD) dlclose(handle);
}

static void close_one(const char* who, const char* name) {
  char file[20];
  snprintf(file, sizeof file, "lib%s.so", name);
  void* handle = dlopen(file, RTLD_LAZY | RTLD_NOLOAD);
  if (!handle) return say(who, "has nothing to close:", name);
  dlclose(handle);
  dlclose(handle);
  say(who, "has closed", name);
}

static void look_up(const char* who, const char* name) {
  char symbol[20];
  snprintf(symbol, sizeof symbol, "ready_%s", name);
  const int* found = dlsym(RTLD_DEFAULT, symbol);
  Dl_info info;
  say(who, found ? "sees" : "does not see", name);
  if (found)
    say(who, dladdr(found, &info) ? "knows where it is:" : "does not know where it is:", name);
}

static void do_step(const char* who, char verb, const char* name) {
  if (verb == 'o') open_or_find(who, name, RTLD_LAZY);
  if (verb == 'g') open_or_find(who, name, RTLD_LAZY | RTLD_GLOBAL);
  if (verb == 'k') open_or_find(who, name, RTLD_LAZY | RTLD_GLOBAL | RTLD_NODELETE);
  if (verb == 'n') open_or_find(who, name, RTLD_LAZY | RTLD_NOLOAD);
  if (verb == 'c') close_one(who, name);
  if (verb == 's') look_up(who, name);
  if (verb == 'x') exit(0);
}

// Those of `who` at this moment: '+' its constructor, '-' its destructor, ':' main.
static void do_steps(const char* who, char moment) {
  const char* all = getenv("STEPS");
  size_t length = strlen(who);
  for (const char* word = all; word && *word;
       word = strchr(word, ' ') ? strchr(word, ' ') + 1 : "") {
    if (strncmp(word, who, length) != 0 || word[length] != moment) continue;
    char name[2] = {word[length + 2] == ' ' ? '\0' : word[length + 2], '\0'};
    do_step(who, word[length + 1], name);
  }
}
