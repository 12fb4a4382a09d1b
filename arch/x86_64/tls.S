// The resolvers that TLS descriptors call ("Thread-Local Storage Descriptors for IA32 and
// AMD64"): rax points to the descriptor, its second word is the argument; the offset from the
// thread pointer returns in rax, all else is kept.

        .text
        .globl  tls_descriptor_static
        .hidden tls_descriptor_static
        .type   tls_descriptor_static, @function
tls_descriptor_static:
        .cfi_startproc
        mov     8(%rax), %rax
        ret
        .cfi_endproc
        .size   tls_descriptor_static, . - tls_descriptor_static

// An undefined weak symbol: its address is the argument, so the offset undoes the thread pointer.
        .globl  tls_descriptor_undefined_weak
        .hidden tls_descriptor_undefined_weak
        .type   tls_descriptor_undefined_weak, @function
tls_descriptor_undefined_weak:
        .cfi_startproc
        mov     8(%rax), %rax
        sub     %fs:0, %rax
        ret
        .cfi_endproc
        .size   tls_descriptor_undefined_weak, . - tls_descriptor_undefined_weak

        .section .note.GNU-stack, "", @progbits
