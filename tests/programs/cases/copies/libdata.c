// The variables that a program has copies of, and their addresses as this library sees them.

int number = 5, big[1000] = {[999] = 99};
extern const char hidden_text[] __attribute__((visibility("hidden")));
const char hidden_text[] = "relocated before it was copied";
const char* text = hidden_text;
const int constant = 12;

int* number_in_library(void) { return &number; }

int in_number(void) { return number; }

int* big_in_library(void) { return big; }

const int* constant_in_library(void) { return &constant; }
