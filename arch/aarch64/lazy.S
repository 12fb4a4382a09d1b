// Entered from the first entry of a procedure linkage table (AAELF64, "Program Loading and Dynamic
// Linking"), for a function that is bound when it is first called. x16 points to the third word of
// the object's GOT; the word before it identifies the object. The stack holds the address of the
// function's slot and the caller's x30. Every register that can carry an argument is kept.
// ld-seal's own code uses no vector register beyond its lower 128 bits.

        .text
        .globl  bind_at_first_call
        .hidden bind_at_first_call
        .type   bind_at_first_call, %function
bind_at_first_call:
        .cfi_startproc
        .cfi_def_cfa_offset 16
        .cfi_rel_offset x30, 8
        hint    #34  // bti c
        stp     x29, x30, [sp, #-224]!
        .cfi_adjust_cfa_offset 224
        .cfi_rel_offset x29, 0
        mov     x29, sp
        stp     x0, x1, [sp, #16]
        stp     x2, x3, [sp, #32]
        stp     x4, x5, [sp, #48]
        stp     x6, x7, [sp, #64]
        str     x8, [sp, #80]
        stp     q0, q1, [sp, #96]
        stp     q2, q3, [sp, #128]
        stp     q4, q5, [sp, #160]
        stp     q6, q7, [sp, #192]
        ldur    x0, [x16, #-8]
        ldr     x1, [sp, #224]
        bl      bind_slot
        mov     x17, x0
        ldp     q0, q1, [sp, #96]
        ldp     q2, q3, [sp, #128]
        ldp     q4, q5, [sp, #160]
        ldp     q6, q7, [sp, #192]
        ldp     x0, x1, [sp, #16]
        ldp     x2, x3, [sp, #32]
        ldp     x4, x5, [sp, #48]
        ldp     x6, x7, [sp, #64]
        ldr     x8, [sp, #80]
        ldp     x29, x30, [sp], #224
        .cfi_adjust_cfa_offset -224
        .cfi_restore x29
        ldr     x30, [sp, #8]
        add     sp, sp, #16
        .cfi_adjust_cfa_offset -16
        .cfi_restore x30
        br      x17
        .cfi_endproc
        .size   bind_at_first_call, . - bind_at_first_call

#include "arch/aarch64/notes.S"
