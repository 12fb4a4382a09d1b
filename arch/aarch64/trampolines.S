// Functions that only go on to others (ldso/libc/rtld_pointers.h): trampoline i to
// trampoline_targets[i]. Only x16 changes, which AAPCS64 leaves to such code.

        .set    kTrampolines, 64
        .text
        .globl  first_trampoline, second_trampoline
        .hidden first_trampoline, second_trampoline
        .type   first_trampoline, %function
        .balign 16
first_trampoline:
        .cfi_startproc
        .set    number, 0
        .rept   kTrampolines
        .balign 16
        .if     number == 1
second_trampoline:
        .endif
        hint    #34  // bti c
        adrp    x16, trampoline_targets + 8 * number
        ldr     x16, [x16, :lo12:trampoline_targets + 8 * number]
        br      x16
        .set    number, number + 1
        .endr
        .cfi_endproc
        .size   first_trampoline, . - first_trampoline

#include "arch/aarch64/notes.S"
