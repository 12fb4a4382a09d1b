// Entered from the first entry of a procedure linkage table (psABI, "Procedure Linkage Table"), for
// a function that is bound when it is first called. The stack holds the object, the index of the
// relocation and the caller's return address. Every register that can carry an argument is kept.
// ld-seal's own code uses no vector register beyond its lower 128 bits.

        .text
        .globl  bind_at_first_call
        .hidden bind_at_first_call
        .type   bind_at_first_call, @function
bind_at_first_call:
        .cfi_startproc
        .cfi_adjust_cfa_offset 16
        endbr64
        push    %rax
        .cfi_adjust_cfa_offset 8
        push    %rcx
        .cfi_adjust_cfa_offset 8
        push    %rdx
        .cfi_adjust_cfa_offset 8
        push    %rsi
        .cfi_adjust_cfa_offset 8
        push    %rdi
        .cfi_adjust_cfa_offset 8
        push    %r8
        .cfi_adjust_cfa_offset 8
        push    %r9
        .cfi_adjust_cfa_offset 8
        push    %r10
        .cfi_adjust_cfa_offset 8
        push    %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbp, 0
        mov     %rsp, %rbp
        .cfi_def_cfa_register rbp
        mov     72(%rbp), %rdi
        mov     80(%rbp), %rsi
        sub     $128, %rsp
        and     $-16, %rsp
        movaps  %xmm0, (%rsp)
        movaps  %xmm1, 16(%rsp)
        movaps  %xmm2, 32(%rsp)
        movaps  %xmm3, 48(%rsp)
        movaps  %xmm4, 64(%rsp)
        movaps  %xmm5, 80(%rsp)
        movaps  %xmm6, 96(%rsp)
        movaps  %xmm7, 112(%rsp)
        call    bind_function
        mov     %rax, %r11
        movaps  (%rsp), %xmm0
        movaps  16(%rsp), %xmm1
        movaps  32(%rsp), %xmm2
        movaps  48(%rsp), %xmm3
        movaps  64(%rsp), %xmm4
        movaps  80(%rsp), %xmm5
        movaps  96(%rsp), %xmm6
        movaps  112(%rsp), %xmm7
        mov     %rbp, %rsp
        .cfi_def_cfa_register rsp
        pop     %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbp
        pop     %r10
        .cfi_adjust_cfa_offset -8
        pop     %r9
        .cfi_adjust_cfa_offset -8
        pop     %r8
        .cfi_adjust_cfa_offset -8
        pop     %rdi
        .cfi_adjust_cfa_offset -8
        pop     %rsi
        .cfi_adjust_cfa_offset -8
        pop     %rdx
        .cfi_adjust_cfa_offset -8
        pop     %rcx
        .cfi_adjust_cfa_offset -8
        pop     %rax
        .cfi_adjust_cfa_offset -8
        add     $16, %rsp
        .cfi_adjust_cfa_offset -16
        jmp     *%r11
        .cfi_endproc
        .size   bind_at_first_call, . - bind_at_first_call

#include "arch/x86_64/notes.S"
