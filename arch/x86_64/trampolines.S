// Functions that only go on to others (ldso/libc/rtld_pointers.h): trampoline i to
// trampoline_targets[i]. No register changes, so what they stand before may have a calling
// convention like that of TLS descriptors.

        .set    kTrampolines, 64
        .text
        .globl  first_trampoline, second_trampoline
        .hidden first_trampoline, second_trampoline
        .type   first_trampoline, @function
        .balign 16
first_trampoline:
        .cfi_startproc
        .set    number, 0
        .rept   kTrampolines
        .balign 16
        .if     number == 1
second_trampoline:
        .endif
        endbr64
        jmp     *trampoline_targets + 8 * number(%rip)
        .set    number, number + 1
        .endr
        .cfi_endproc
        .size   first_trampoline, . - first_trampoline

#include "arch/x86_64/notes.S"
