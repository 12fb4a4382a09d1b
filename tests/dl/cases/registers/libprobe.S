// Probes: fill every register from the first argument, use a TLS descriptor, put every register
// into the second argument, and the variable's value into the slot of the result. The slots of both
// are 32 general registers, then 32 vector registers of 64 bytes, then 8 masks.

#if defined __x86_64__
#define AT(number) (8 * (number))
#define VECTOR(number) (256 + 64 * (number))
#define MASK(number) (256 + 64 * 32 + 8 * (number))
  .section .tdata,"awT",@progbits
  .globl variable
  .type variable, @object
  .size variable, 8
  .balign 8
variable: .quad 4711
#ifdef MUCH
  .section .tbss,"awT",%nobits
  .zero 200000
#endif
  .text
  .macro each_general instruction
    \instruction rbx, 1
    \instruction rcx, 2
    \instruction rdx, 3
    \instruction rsi, 4
    \instruction rbp, 6
    \instruction r8, 8
    \instruction r9, 9
    \instruction r10, 10
    \instruction r11, 11
    \instruction r12, 12
    \instruction r13, 13
    \instruction r14, 14
    \instruction r15, 15
  .endm
  .macro fill register, number
    mov AT(\number)(%rdi), %\register
  .endm
  .macro keep register, number
    mov %\register, AT(\number)(%rdi)
  .endm
  .macro probe_as name, vectors
  .globl \name
  .type \name, @function
\name:
  .irp register, rbx, rbp, r12, r13, r14, r15, rdi, rsi
    push %\register
  .endr
  sub $8, %rsp
  \vectors FILL
  each_general fill
  mov AT(7)(%rdi), %rdi
  lea variable@tlsdesc(%rip), %rax
  call *variable@tlscall(%rax)
  push %rax
  push %rdi
  mov 24(%rsp), %rdi
  each_general keep
  pop AT(7)(%rdi)
  pop %rax
  mov %fs:(%rax), %rax
  mov %rax, AT(0)(%rdi)
  \vectors KEEP
  add $8, %rsp
  .irp register, rsi, rdi, r15, r14, r13, r12, rbp, rbx
    pop %\register
  .endr
  ret
  .size \name, . - \name
  .endm
  .macro with_sse direction
    .irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
      .ifc \direction,FILL
        movdqu VECTOR(\number)(%rdi), %xmm\number
      .else
        movdqu %xmm\number, VECTOR(\number)(%rdi)
      .endif
    .endr
  .endm
  .macro with_avx direction
    .irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
      .ifc \direction,FILL
        vmovdqu VECTOR(\number)(%rdi), %ymm\number
      .else
        vmovdqu %ymm\number, VECTOR(\number)(%rdi)
      .endif
    .endr
    .ifc \direction,KEEP
      vzeroupper
    .endif
  .endm
  .macro with_avx512 direction
    .irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15, \
                 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
      .ifc \direction,FILL
        vmovdqu64 VECTOR(\number)(%rdi), %zmm\number
      .else
        vmovdqu64 %zmm\number, VECTOR(\number)(%rdi)
      .endif
    .endr
    .irp number, 0,1,2,3,4,5,6,7
      .ifc \direction,FILL
        kmovw MASK(\number)(%rdi), %k\number
      .else
        kmovw %k\number, MASK(\number)(%rdi)
      .endif
    .endr
    .ifc \direction,KEEP
      vzeroupper
    .endif
  .endm
  probe_as probe_sse, with_sse
  probe_as probe_avx, with_avx
  probe_as probe_avx512, with_avx512
  .section .note.GNU-stack,"",@progbits
#endif

#if defined __aarch64__
  .section .tdata,"awT",@progbits
  .globl variable
  .type variable, %object
  .size variable, 8
  .balign 8
variable: .quad 4711
#ifdef MUCH
  .section .tbss,"awT",%nobits
  .zero 200000
#endif
  .text
  .macro vectors instruction, base
  .irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \instruction q\number, [\base, #16 * (16 + 4 * \number)]
  .endr
  .endm
  .macro generals instruction, base
  .irp number, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
    \instruction x\number, [\base, #8 * \number]
  .endr
  .endm
  .globl probe
  .type probe, %function
probe:
  sub sp, sp, #192
  stp x29, x30, [sp]
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  str x1, [sp, #160]
  vectors ldr, x0
  generals ldr, x0
  adrp x0, :tlsdesc:variable
  ldr x1, [x0, #:tlsdesc_lo12:variable]
  add x0, x0, #:tlsdesc_lo12:variable
  .tlsdesccall variable
  blr x1
  ldr x1, [sp, #160]
  vectors str, x1
  generals str, x1
  mrs x2, tpidr_el0
  ldr x2, [x2, x0]
  str x2, [x1]
  ldp x29, x30, [sp]
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #192
  ret
  .size probe, . - probe
  .section .note.GNU-stack,"",%progbits
#endif
