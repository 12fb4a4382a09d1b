// The entry that a static program with glibc can have (ld -e ldseal_start) instead of glibc's
// _start. It goes on there with the stack and the registers as the kernel made them.

        .text
        .globl  ldseal_start
        .type   ldseal_start, @function
ldseal_start:
        .cfi_startproc
        .cfi_undefined rip
        endbr64
        xor     %ebp, %ebp
        mov     %rsp, %rbx  // the call keeps both
        mov     %rdx, %r12
        mov     %rsp, %rdi
        and     $-16, %rsp
        call    ldseal_prepare
        mov     %rbx, %rsp
        mov     %r12, %rdx
        jmp     _start
        .cfi_endproc
        .size   ldseal_start, . - ldseal_start

#include "arch/x86_64/notes.S"
