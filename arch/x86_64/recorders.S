// Functions that stand for a moment in the place of others (ldso/libc/opening_functions.h):
// recorder i notes its first argument in recorded->arguments[i] and goes on to
// recorded->functions[i]. Every argument, the stack and the caller's return address stay what they
// are, so any function of the psABI may be stood in for.

        .set    kRecorders, 64
        .text
        .globl  first_recorder, second_recorder
        .hidden first_recorder, second_recorder
        .type   first_recorder, @function
        .balign 16
first_recorder:
        .cfi_startproc
        .set    number, 0
        .rept   kRecorders
        .balign 16
        .if     number == 1
second_recorder:
        .endif
        endbr64
        mov     $number, %r11d
        jmp     note_and_go_on
        .set    number, number + 1
        .endr
note_and_go_on:
        mov     recorded(%rip), %r10
        mov     %rdi, (%r10, %r11, 8)
        jmp     *8 * kRecorders(%r10, %r11, 8)
        .cfi_endproc
        .size   first_recorder, . - first_recorder

#include "arch/x86_64/notes.S"
