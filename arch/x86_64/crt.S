// The entry of a static program (psABI, "Process Initialization"): rsp points to argc. With
// BEFORE_LIBC the program goes on in libc; without it ldseal_start runs the program to its end.

        .text
        .globl  _start
        .type   _start, @function
_start:
        .cfi_startproc
        .cfi_undefined rip
        endbr64
        xor     %ebp, %ebp
        mov     %rsp, %rbx  // the call keeps rbx
        mov     %rsp, %rdi
        and     $-16, %rsp
        call    ldseal_start
#ifdef BEFORE_LIBC
        lea     main(%rip), %rdi
        mov     (%rbx), %rsi            // argc
        lea     8(%rbx), %rdx           // argv
        xor     %ecx, %ecx  // init, fini and rtld_fini: libc has them itself
        xor     %r8d, %r8d
        xor     %r9d, %r9d
        call    __libc_start_main
#endif
        hlt
        .cfi_endproc
        .size   _start, . - _start

#include "arch/x86_64/notes.S"
