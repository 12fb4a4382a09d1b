/* A library with code, constants and data. */
static const char *const texts[] = {"forty", "two"};
int data = 37;
int answer(void) { return data + (texts[0][0] == 'f') * 5; }
