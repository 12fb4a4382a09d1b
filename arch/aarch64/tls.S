// The resolvers that TLS descriptors call (AAELF64, "TLS descriptors"): x0 points to the
// descriptor, its second word is the argument; the offset from the thread pointer returns in x0,
// all else is kept.

        .text
        .globl  tls_descriptor_static
        .hidden tls_descriptor_static
        .type   tls_descriptor_static, %function
tls_descriptor_static:
        .cfi_startproc
        ldr     x0, [x0, #8]
        ret
        .cfi_endproc
        .size   tls_descriptor_static, . - tls_descriptor_static

// An undefined weak symbol: its address is the argument, so the offset undoes the thread pointer.
        .globl  tls_descriptor_undefined_weak
        .hidden tls_descriptor_undefined_weak
        .type   tls_descriptor_undefined_weak, %function
tls_descriptor_undefined_weak:
        .cfi_startproc
        str     x1, [sp, #-16]!
        mrs     x1, tpidr_el0
        ldr     x0, [x0, #8]
        sub     x0, x0, x1
        ldr     x1, [sp], #16
        ret
        .cfi_endproc
        .size   tls_descriptor_undefined_weak, . - tls_descriptor_undefined_weak

        .section .note.GNU-stack, "", %progbits
