// Its resolver runs while it is opened.
void look_meanwhile(void);

static int answer(void) { return 42; }

static int (*choose(void))(void) {
  look_meanwhile();
  return answer;
}

int chosen(void) __attribute__((ifunc("choose")));

int (*use)(void) = chosen;
