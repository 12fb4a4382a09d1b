// Calls places that have no landing pad, in the program, in a library and in a dlopened object, and
// says which calls the processor refuses (FEAT_BTI: SIGILL).

#include "observe.h"
#ifndef LIBC_NONE
#include <dlfcn.h>
#endif
#include "place.h"

int (*place_in_library(void))(void);

/* In struct sigcontext of <asm/sigcontext.h>, which lies in struct ucontext. */
enum {
  kRegisters = 184,
  kReturnAddress = kRegisters + 30 * 8,
  kProgramCounter = kRegisters + 32 * 8,
  kProcessorState = kProgramCounter + 8
};
enum { kBranchType = 3 << 10, kSigill = 4, kSetAction = 134 };
enum { kWithContext = 4, kNotBlocked = 0x40000000, kMaskSize = 8 };

struct SignalAction {
  void (*handle)(int number, void* info, char* context);
  unsigned long flags;
  void (*restore)(void);
  unsigned long mask;
};

/* The call gives 0 then, and the program goes on behind it. */
static unsigned long* word(char* context, int offset) { return (unsigned long*)(context + offset); }

static void give_nothing(int number, void* info, char* context) {
  (void)number, (void)info;
  *word(context, kRegisters) = 0;
  *word(context, kProgramCounter) = *word(context, kReturnAddress);
  *word(context, kProcessorState) &= ~(unsigned long)kBranchType;
}

static void call(const char* where, int (*function)(void)) {
  say_text(where, OPAQUE(function)() == 6 ? "called" : "refused");
}

#ifdef OWN_ENTRY
#ifdef LIBC_NONE
__asm__(".text\n.globl own_entry\n.type own_entry, %function\nown_entry:\n  hint #34\n  b _start");
#else /* Debian 12's crt1.o and crti.o have no landing pads */
__asm__(
    ".text\n.globl own_entry\n.type own_entry, %function\nown_entry:\n"
    "  hint #34\n"
    "  mov x29, #0\n"
    "  mov x30, #0\n"
    "  mov x5, x0\n"
    "  ldr x1, [sp]\n"
    "  add x2, sp, #8\n"
    "  mov x6, sp\n"
    "  adrp x0, main\n"
    "  add x0, x0, :lo12:main\n"
    "  mov x3, #0\n"
    "  mov x4, #0\n"
    "  bl __libc_start_main\n"
    "  brk #1");
#endif
#endif

int main(void) {
  struct SignalAction action = {give_nothing, kWithContext | kNotBlocked, 0, 0};
  register long size __asm__("x3") = kMaskSize;
  __asm__ volatile("" : : "r"(size));
  kernel_call(kSetAction, kSigill, (long)&action, 0);
  call("program", place);
  call("library", place_in_library());
#ifndef LIBC_NONE
  void* object = dlopen("libopened.so", RTLD_NOW);
  if (!object) say_text("error", dlerror());
  int (*(*asked)(void))(void) = (int (*(*)(void))(void))dlsym(object, "place_in_opened");
  call("opened", asked());
#endif
  return 0;
}
