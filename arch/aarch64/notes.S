// The end of every assembly file here. It says that the stack need not be executable, and what
// AAELF64 calls program properties: every place that an indirect branch reaches begins with a
// landing pad (BTI), and what a function saves of its return address is signed (PAC).

        .section .note.GNU-stack, "", %progbits

        .section .note.gnu.property, "a", %note
        .balign 8
        .long   4, 16, 5                // "GNU", 16 bytes, NT_GNU_PROPERTY_TYPE_0
        .asciz  "GNU"
        .long   0xc0000000, 4, 3, 0     // GNU_PROPERTY_AARCH64_FEATURE_1_AND: BTI and PAC
