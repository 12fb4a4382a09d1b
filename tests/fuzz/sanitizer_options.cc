// What every fuzzer wants of its sanitizers.
extern "C" const char* __asan_default_options();
extern "C" const char* __ubsan_default_options();

const char* __asan_default_options() {
  return "detect_stack_use_after_return=1:strict_string_checks=1:quarantine_size_mb=16";
}
const char* __ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1"; }
