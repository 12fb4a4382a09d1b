# Zeroes of RELRO, behind what is in the file: lld makes this section for copies of a library's constants.
        .section .bss.rel.ro, "aw", %nobits
        .zero   20000
        .section .note.GNU-stack, "", %progbits
