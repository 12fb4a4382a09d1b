// Code that holds an absolute address: a text relocation.
        .data
        .balign 4
        .globl  two
two:    .long   2

        .text
        .globl  number
#ifdef __x86_64__
        .type   number, @function
number: movabs  $two, %rax
        mov     (%rax), %eax
        add     %edi, %eax
        ret
        .section .note.GNU-stack, "", @progbits
#else
        .type   number, %function
number: adr     x1, 1f
        ldr     x1, [x1]
        ldr     w1, [x1]
        add     w0, w0, w1
        ret
        .balign 8
1:      .quad   two
        .section .note.GNU-stack, "", %progbits
#endif
