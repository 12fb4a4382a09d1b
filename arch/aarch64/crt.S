// The entry of a static program: sp points to argc. With BEFORE_LIBC the program goes on in libc;
// without it ldseal_start runs the program to its end.

        .text
        .globl  _start
        .type   _start, %function
_start:
        .cfi_startproc
        .cfi_undefined x30
        hint    #34                     // bti c, for any assembler
        mov     x29, #0
        mov     x30, #0
        mov     x19, sp  // the call keeps x19; sp is a multiple of 16
        mov     x0, sp
        bl      ldseal_start
#ifdef BEFORE_LIBC
        adrp    x0, main
        add     x0, x0, :lo12:main
        ldr     x1, [x19]               // argc
        add     x2, x19, #8             // argv
        mov     x3, #0  // init, fini and rtld_fini: libc has them itself
        mov     x4, #0
        mov     x5, #0
        bl      __libc_start_main
#endif
        brk     #1
        .cfi_endproc
        .size   _start, . - _start

#include "arch/aarch64/notes.S"
