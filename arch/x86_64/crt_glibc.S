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

        .section .note.GNU-stack, "", @progbits

// The psABI's property: branches land on endbr64 only, and calls return to their caller.
        .section .note.gnu.property, "a", @note
        .balign 8
        .long   4, 16, 5                // "GNU", 16 bytes, NT_GNU_PROPERTY_TYPE_0
        .asciz  "GNU"
        .long   0xc0000002, 4, 3, 0     // GNU_PROPERTY_X86_FEATURE_1_AND: IBT and SHSTK
