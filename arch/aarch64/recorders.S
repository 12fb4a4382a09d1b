// Functions that stand for a moment in the place of others (ldso/libc/opening_functions.h):
// recorder i notes its first argument in recorded->arguments[i] and goes on to
// recorded->functions[i]. Every argument, the stack and the caller's return address stay what they
// are: AAPCS64 leaves x16 and x17 to such code.

        .set    kRecorders, 64
        .text
        .globl  first_recorder, second_recorder
        .hidden first_recorder, second_recorder
        .type   first_recorder, %function
        .balign 16
first_recorder:
        .cfi_startproc
        .set    number, 0
        .rept   kRecorders
        .balign 16
        .if     number == 1
second_recorder:
        .endif
        hint    #34  // bti c
        mov     x16, #number
        b       note_and_go_on
        .set    number, number + 1
        .endr
note_and_go_on:
        adrp    x17, recorded
        ldr     x17, [x17, :lo12:recorded]
        str     x0, [x17, x16, lsl #3]
        add     x17, x17, #8 * kRecorders
        ldr     x16, [x17, x16, lsl #3]
        br      x16
        .cfi_endproc
        .size   first_recorder, . - first_recorder

#include "arch/aarch64/notes.S"
