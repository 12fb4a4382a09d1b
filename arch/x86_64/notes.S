// The end of every assembly file here. It says that the stack need not be executable, and what the
// psABI calls program properties: every place that an indirect branch reaches begins with endbr64
// (IBT), and every return goes to the instruction behind its call (SHSTK).

        .section .note.GNU-stack, "", @progbits

        .section .note.gnu.property, "a", @note
        .balign 8
        .long   4, 16, 5                // "GNU", 16 bytes, NT_GNU_PROPERTY_TYPE_0
        .asciz  "GNU"
        .long   0xc0000002, 4, 3, 0     // GNU_PROPERTY_X86_FEATURE_1_AND: IBT and SHSTK
