// The entry that a static program with glibc can have (ld -e ldseal_start) instead of glibc's
// _start. It goes on there with the stack and the registers as the kernel made them.

        .text
        .globl  ldseal_start
        .type   ldseal_start, %function
ldseal_start:
        .cfi_startproc
        .cfi_undefined x30
        hint    #34                     // bti c, for any assembler
        mov     x29, #0
        mov     x30, #0
        mov     x19, x0  // the call keeps x19
        mov     x0, sp
        bl      ldseal_prepare
        mov     x0, x19
        mov     x30, #0
        b       _start
        .cfi_endproc
        .size   ldseal_start, . - ldseal_start

#include "arch/aarch64/notes.S"
