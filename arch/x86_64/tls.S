// The resolvers that TLS descriptors call ("Thread-Local Storage Descriptors for IA32 and AMD64").
// rax points to the descriptor, whose second word is the argument. The offset from the thread
// pointer is returned in rax. All other registers are kept.

        .text
        .globl  tls_descriptor_static
        .hidden tls_descriptor_static
        .type   tls_descriptor_static, @function
tls_descriptor_static:
        .cfi_startproc
        endbr64
        mov     8(%rax), %rax
        ret
        .cfi_endproc
        .size   tls_descriptor_static, . - tls_descriptor_static

// An undefined weak symbol. Its address is the argument, so the offset subtracts the thread
// pointer.
        .globl  tls_descriptor_undefined_weak
        .hidden tls_descriptor_undefined_weak
        .type   tls_descriptor_undefined_weak, @function
tls_descriptor_undefined_weak:
        .cfi_startproc
        endbr64
        mov     8(%rax), %rax
        sub     %fs:0, %rax
        ret
        .cfi_endproc
        .size   tls_descriptor_undefined_weak, . - tls_descriptor_undefined_weak

// A dlopened module. The argument holds the module's id in its upper 24 bits and the signed offset
// in its block in the lower ones (link/tls_layout.h). ThreadArea begins with the table of blocks
// and its length; the slots of the first 32 ids follow after two words.
        .globl  tls_descriptor_opened
        .hidden tls_descriptor_opened
        .type   tls_descriptor_opened, @function
tls_descriptor_opened:
        .cfi_startproc
        endbr64
        push    %rdi
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rdi, 0
        push    %rsi
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rsi, 0
        mov     8(%rax), %rax
        mov     thread_words_offset(%rip), %rsi
        mov     %rax, %rdi
        shr     $40, %rdi
        cmp     $32, %rdi
        jae     2f
        mov     %fs:40(%rsi,%rdi,8), %rsi
1:      test    %rsi, %rsi
        jz      tls_slow_path
        shl     $24, %rax
        sar     $24, %rax
        add     %rsi, %rax
        sub     %fs:0, %rax
        pop     %rsi
        .cfi_adjust_cfa_offset -8
        .cfi_restore rsi
        pop     %rdi
        .cfi_adjust_cfa_offset -8
        .cfi_restore rdi
        ret

2:      .cfi_adjust_cfa_offset 16
        .cfi_rel_offset rdi, 8
        .cfi_rel_offset rsi, 0
        cmp     %fs:8(%rsi), %rdi
        jae     tls_slow_path
        mov     %fs:(%rsi), %rsi
        mov     (%rsi,%rdi,8), %rsi
        jmp     1b

// The thread has no block yet. Making one enters the kernel and libc, so everything that a call may
// change is kept: the integer registers here, the vector registers by XSAVE.
tls_slow_path:
        push    %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbp, 0
        mov     %rsp, %rbp
        .cfi_def_cfa_register rbp
        push    %rdx
        push    %rcx
        push    %r8
        push    %r9
        push    %r10
        push    %r11
        mov     %rax, %rdi
        sub     tls_kept_size(%rip), %rsp
        and     $-64, %rsp
        xor     %edx, %edx
        mov     tls_kept_components(%rip), %eax
        test    %eax, %eax
        jz      1f
        mov     %rdx, 512(%rsp)  // XSAVE leaves the rest of its header as it is; XRSTOR needs zeros
        mov     %rdx, 520(%rsp)
        mov     %rdx, 528(%rsp)
        mov     %rdx, 536(%rsp)
        mov     %rdx, 544(%rsp)
        mov     %rdx, 552(%rsp)
        mov     %rdx, 560(%rsp)
        mov     %rdx, 568(%rsp)
        xsave64 (%rsp)
        call    tls_offset_slowly
        mov     %rax, %rcx
        mov     tls_kept_components(%rip), %eax
        xor     %edx, %edx
        xrstor64 (%rsp)
        jmp     2f
1:      fxsave64 (%rsp)
        call    tls_offset_slowly
        mov     %rax, %rcx
        fxrstor64 (%rsp)
2:      mov     %rcx, %rax
        lea     -48(%rbp), %rsp
        pop     %r11
        pop     %r10
        pop     %r9
        pop     %r8
        pop     %rcx
        pop     %rdx
        pop     %rbp
        .cfi_def_cfa rsp, 24
        .cfi_restore rbp
        pop     %rsi
        .cfi_adjust_cfa_offset -8
        .cfi_restore rsi
        pop     %rdi
        .cfi_adjust_cfa_offset -8
        .cfi_restore rdi
        ret
        .cfi_endproc
        .size   tls_descriptor_opened, . - tls_descriptor_opened

        .section .bss.record, "aw", @nobits  // ldso/base/lifetime.h
        .balign 8
        .globl  tls_kept_size
        .hidden tls_kept_size
tls_kept_size:
        .skip   8
        .globl  tls_kept_components
        .hidden tls_kept_components
tls_kept_components:
        .skip   4

#include "arch/x86_64/notes.S"
