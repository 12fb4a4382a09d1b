// The resolvers that TLS descriptors call (AAELF64, "TLS descriptors"). x0 points to the
// descriptor, whose second word is the argument. The offset from the thread pointer is returned in
// x0. All other registers are kept.

        .text
        .globl  tls_descriptor_static
        .hidden tls_descriptor_static
        .type   tls_descriptor_static, %function
tls_descriptor_static:
        .cfi_startproc
        hint    #34  // bti c
        ldr     x0, [x0, #8]
        ret
        .cfi_endproc
        .size   tls_descriptor_static, . - tls_descriptor_static

// An undefined weak symbol. Its address is the argument, so the offset subtracts the thread
// pointer.
        .globl  tls_descriptor_undefined_weak
        .hidden tls_descriptor_undefined_weak
        .type   tls_descriptor_undefined_weak, %function
tls_descriptor_undefined_weak:
        .cfi_startproc
        hint    #34  // bti c
        str     x1, [sp, #-16]!
        mrs     x1, tpidr_el0
        ldr     x0, [x0, #8]
        sub     x0, x0, x1
        ldr     x1, [sp], #16
        ret
        .cfi_endproc
        .size   tls_descriptor_undefined_weak, . - tls_descriptor_undefined_weak

// A dlopened module. The argument holds the module's id in its upper 24 bits and the signed offset
// in its block in the lower ones (link/tls_layout.h). ThreadArea begins with the table of blocks
// and its length; the slots of the first 32 ids follow after two words.
        .globl  tls_descriptor_opened
        .hidden tls_descriptor_opened
        .type   tls_descriptor_opened, %function
tls_descriptor_opened:
        .cfi_startproc
        hint    #34  // bti c
        stp     x1, x2, [sp, #-32]!
        .cfi_adjust_cfa_offset 32
        .cfi_rel_offset x1, 0
        .cfi_rel_offset x2, 8
        stp     x3, x4, [sp, #16]
        .cfi_rel_offset x3, 16
        .cfi_rel_offset x4, 24
        adrp    x1, thread_words_offset
        ldr     x1, [x1, :lo12:thread_words_offset]
        mrs     x2, tpidr_el0
        add     x1, x1, x2
        ldr     x0, [x0, #8]
        lsr     x3, x0, #40
        cmp     x3, #32
        b.hs    2f
        add     x1, x1, #40
1:      ldr     x1, [x1, x3, lsl #3]
        cbz     x1, tls_slow_path
        sbfx    x0, x0, #0, #40
        sub     x1, x1, x2
        add     x0, x0, x1
        ldp     x3, x4, [sp, #16]
        ldp     x1, x2, [sp], #32
        .cfi_remember_state
        .cfi_restore x1
        .cfi_restore x2
        .cfi_restore x3
        .cfi_restore x4
        .cfi_adjust_cfa_offset -32
        ret

2:      .cfi_restore_state
        .cfi_remember_state
        ldp     x1, x4, [x1]
        cmp     x3, x4
        b.lo    1b

// The thread has no block yet. Making one enters the kernel and libc, so everything that a call may
// change is kept. A system call destroys the parts of SVE registers beyond the vector registers, so
// whole SVE registers are kept if there are any.
        .arch_extension sve
tls_slow_path:
        .cfi_restore_state
        hint    #25                     // paciasp: signs x30
        .cfi_negate_ra_state
        sub     sp, sp, #128
        .cfi_adjust_cfa_offset 128
        stp     x5, x6, [sp, #0]
        stp     x7, x8, [sp, #16]
        stp     x9, x10, [sp, #32]
        stp     x11, x12, [sp, #48]
        stp     x13, x14, [sp, #64]
        stp     x15, x16, [sp, #80]
        stp     x17, x18, [sp, #96]
        stp     x29, x30, [sp, #112]
        .cfi_rel_offset x29, 112
        .cfi_rel_offset x30, 120
        mov     x29, sp
        .cfi_def_cfa_register x29
        adrp    x1, tls_keeps_scalable
        ldr     x1, [x1, :lo12:tls_keeps_scalable]
        cbz     x1, 1f
        bl      tls_slow_path_keeping_scalable
        b       2f
1:      bl      tls_slow_path_keeping_vectors
2:
        ldp     x5, x6, [sp, #0]
        ldp     x7, x8, [sp, #16]
        ldp     x9, x10, [sp, #32]
        ldp     x11, x12, [sp, #48]
        ldp     x13, x14, [sp, #64]
        ldp     x15, x16, [sp, #80]
        ldp     x17, x18, [sp, #96]
        ldp     x29, x30, [sp, #112]
        add     sp, sp, #128
        .cfi_def_cfa sp, 32
        .cfi_restore x29
        .cfi_restore x30
        hint    #29                     // autiasp: checks x30
        .cfi_negate_ra_state
        ldp     x3, x4, [sp, #16]
        ldp     x1, x2, [sp], #32
        .cfi_restore x1
        .cfi_restore x2
        .cfi_restore x3
        .cfi_restore x4
        .cfi_adjust_cfa_offset -32
        ret
        .cfi_endproc
        .size   tls_descriptor_opened, . - tls_descriptor_opened

        .type   tls_slow_path_keeping_vectors, %function
tls_slow_path_keeping_vectors:
        .cfi_startproc
        hint    #25
        .cfi_negate_ra_state
        stp     x29, x30, [sp, #-16]!
        .cfi_adjust_cfa_offset 16
        .cfi_rel_offset x29, 0
        .cfi_rel_offset x30, 8
        mov     x29, sp
        .cfi_def_cfa_register x29
        sub     sp, sp, #512
        stp     q0, q1, [sp, #0]
        stp     q2, q3, [sp, #32]
        stp     q4, q5, [sp, #64]
        stp     q6, q7, [sp, #96]
        stp     q8, q9, [sp, #128]
        stp     q10, q11, [sp, #160]
        stp     q12, q13, [sp, #192]
        stp     q14, q15, [sp, #224]
        stp     q16, q17, [sp, #256]
        stp     q18, q19, [sp, #288]
        stp     q20, q21, [sp, #320]
        stp     q22, q23, [sp, #352]
        stp     q24, q25, [sp, #384]
        stp     q26, q27, [sp, #416]
        stp     q28, q29, [sp, #448]
        stp     q30, q31, [sp, #480]
        bl      tls_offset_slowly
        ldp     q0, q1, [sp, #0]
        ldp     q2, q3, [sp, #32]
        ldp     q4, q5, [sp, #64]
        ldp     q6, q7, [sp, #96]
        ldp     q8, q9, [sp, #128]
        ldp     q10, q11, [sp, #160]
        ldp     q12, q13, [sp, #192]
        ldp     q14, q15, [sp, #224]
        ldp     q16, q17, [sp, #256]
        ldp     q18, q19, [sp, #288]
        ldp     q20, q21, [sp, #320]
        ldp     q22, q23, [sp, #352]
        ldp     q24, q25, [sp, #384]
        ldp     q26, q27, [sp, #416]
        ldp     q28, q29, [sp, #448]
        ldp     q30, q31, [sp, #480]
        mov     sp, x29
        ldp     x29, x30, [sp], #16
        .cfi_restore x29
        .cfi_restore x30
        .cfi_def_cfa sp, 0
        hint    #29
        .cfi_negate_ra_state
        ret
        .cfi_endproc
        .size   tls_slow_path_keeping_vectors, . - tls_slow_path_keeping_vectors

        .type   tls_slow_path_keeping_scalable, %function
tls_slow_path_keeping_scalable:
        .cfi_startproc
        hint    #25
        .cfi_negate_ra_state
        stp     x29, x30, [sp, #-16]!
        .cfi_adjust_cfa_offset 16
        .cfi_rel_offset x29, 0
        .cfi_rel_offset x30, 8
        mov     x29, sp
        .cfi_def_cfa_register x29
        addvl   sp, sp, #-32
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        str     z\n, [sp, #\n, mul vl]
        .endr
        addvl   sp, sp, #-2             // sixteen predicates of an eighth of a vector each
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        str     p\n, [sp, #\n, mul vl]
        .endr
        bl      tls_offset_slowly
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        ldr     p\n, [sp, #\n, mul vl]
        .endr
        addvl   sp, sp, #2
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        ldr     z\n, [sp, #\n, mul vl]
        .endr
        mov     sp, x29
        ldp     x29, x30, [sp], #16
        .cfi_restore x29
        .cfi_restore x30
        .cfi_def_cfa sp, 0
        hint    #29
        .cfi_negate_ra_state
        ret
        .cfi_endproc
        .size   tls_slow_path_keeping_scalable, . - tls_slow_path_keeping_scalable

        .section .bss.record, "aw", %nobits  // ldso/base/lifetime.h
        .balign 8
        .globl  tls_keeps_scalable
        .hidden tls_keeps_scalable
tls_keeps_scalable:
        .skip   8

#include "arch/aarch64/notes.S"
