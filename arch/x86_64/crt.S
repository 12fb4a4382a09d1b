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

        .section .note.GNU-stack, "", @progbits

// The psABI's property: branches land on endbr64 only, and calls return to their caller.
        .section .note.gnu.property, "a", @note
        .balign 8
        .long   4, 16, 5                // "GNU", 16 bytes, NT_GNU_PROPERTY_TYPE_0
        .asciz  "GNU"
        .long   0xc0000002, 4, 3, 0     // GNU_PROPERTY_X86_FEATURE_1_AND: IBT and SHSTK
