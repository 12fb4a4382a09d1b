"""A TLS descriptor's resolver keeps every register but its result: ELF Handling for TLS, and the machines' ABIs."""

from workshop.recipe import Library, variants

from .common import opening

# Both: fill every register from `before`, use the descriptor, put every register into `after`, the variable's value
# into the slot of the result. Slots: 32 general registers, then 32 vector registers of 64 bytes, then 8 masks.
_X86_64 = """
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
    \\instruction rbx, 1
    \\instruction rcx, 2
    \\instruction rdx, 3
    \\instruction rsi, 4
    \\instruction rbp, 6
    \\instruction r8, 8
    \\instruction r9, 9
    \\instruction r10, 10
    \\instruction r11, 11
    \\instruction r12, 12
    \\instruction r13, 13
    \\instruction r14, 14
    \\instruction r15, 15
  .endm
  .macro fill register, number
    mov AT(\\number)(%rdi), %\\register
  .endm
  .macro keep register, number
    mov %\\register, AT(\\number)(%rdi)
  .endm
  .macro probe_as name, vectors
  .globl \\name
  .type \\name, @function
\\name:
  .irp register, rbx, rbp, r12, r13, r14, r15, rdi, rsi
    push %\\register
  .endr
  sub $8, %rsp
  \\vectors FILL
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
  \\vectors KEEP
  add $8, %rsp
  .irp register, rsi, rdi, r15, r14, r13, r12, rbp, rbx
    pop %\\register
  .endr
  ret
  .size \\name, . - \\name
  .endm
  .macro with_sse direction
    .irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
      .ifc \\direction,FILL
        movdqu VECTOR(\\number)(%rdi), %xmm\\number
      .else
        movdqu %xmm\\number, VECTOR(\\number)(%rdi)
      .endif
    .endr
  .endm
  .macro with_avx direction
    .irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
      .ifc \\direction,FILL
        vmovdqu VECTOR(\\number)(%rdi), %ymm\\number
      .else
        vmovdqu %ymm\\number, VECTOR(\\number)(%rdi)
      .endif
    .endr
    .ifc \\direction,KEEP
      vzeroupper
    .endif
  .endm
  .macro with_avx512 direction
    .irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
      .ifc \\direction,FILL
        vmovdqu64 VECTOR(\\number)(%rdi), %zmm\\number
      .else
        vmovdqu64 %zmm\\number, VECTOR(\\number)(%rdi)
      .endif
    .endr
    .irp number, 0,1,2,3,4,5,6,7
      .ifc \\direction,FILL
        kmovw MASK(\\number)(%rdi), %k\\number
      .else
        kmovw %k\\number, MASK(\\number)(%rdi)
      .endif
    .endr
    .ifc \\direction,KEEP
      vzeroupper
    .endif
  .endm
  probe_as probe_sse, with_sse
  probe_as probe_avx, with_avx
  probe_as probe_avx512, with_avx512
  .section .note.GNU-stack,"",@progbits
#endif
"""
_AARCH64 = """
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
    \\instruction q\\number, [\\base, #16 * (16 + 4 * \\number)]
  .endr
  .endm
  .macro generals instruction, base
  .irp number, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
    \\instruction x\\number, [\\base, #8 * \\number]
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
"""
# A small block may find room in the static one; a large one must be allocated on first use.
_PROBE = Library("probe", _X86_64 + _AARCH64, language="assembly", compile=("-DMUCH",))
_SMALL_PROBE = Library("probe", _X86_64 + _AARCH64, language="assembly")

_PROGRAM = """
struct Registers {
  uint64_t general[32];
  uint64_t vector[32][8];
  uint64_t mask[8];
};
typedef void Probe(const struct Registers *before, struct Registers *after);
#if defined __x86_64__
enum { kFirst = 1, kLast = 15 };
/* The widest form this processor has, and how many words of how many vector registers it fills. */
static const char *probe_name(int *vectors, int *words) {
  *vectors = 16;
  if (__builtin_cpu_supports("avx512f")) return *vectors = 32, *words = 8, "probe_avx512";
  if (__builtin_cpu_supports("avx")) return *words = 4, "probe_avx";
  return *words = 2, "probe_sse";
}
static int is_kept(int number) { return number != 5; }  /* the stack pointer */
#else
enum { kFirst = 2, kLast = 29 };
static const char *probe_name(int *vectors, int *words) { return *vectors = 32, *words = 2, "probe"; }
static int is_kept(int number) { return 1; }
#endif
static void compare(const char *when, Probe *probe) {
  static struct Registers before, after;
  int vectors, words, general = 0, vector = 0, mask = 0;
  const char *name = probe_name(&vectors, &words);
  uint64_t *slots = (uint64_t *)&before, seed = 88172645463325252u;
  for (unsigned n = 0; n < sizeof before / 8; ++n) slots[n] = seed = seed * 6364136223846793005u + 1442695040888963407u;
  memset(&after, 0, sizeof after);
  probe(&before, &after);
  for (int n = kFirst; n <= kLast; ++n) general += is_kept(n) && before.general[n] != after.general[n];
  for (int n = 0; n < vectors; ++n) vector += memcmp(before.vector[n], after.vector[n], 8 * words) != 0;
  if (strcmp(name, "probe_avx512") == 0)
    for (int n = 0; n < 8; ++n) mask += (before.mask[n] & 0xffff) != after.mask[n];
  say_text("when", when);
  say_number("value", after.general[0]);
  say_number("general registers changed", general);
  CHECK_VECTORS say_number("vector registers changed", vector + mask);
}
static Probe *found_probe(void *handle) {
  int vectors, words;
  return (Probe *)found(handle, probe_name(&vectors, &words));
}
static void *work(void *handle) {
  compare("first use in a thread", found_probe(handle));
  compare("second use in it", found_probe(handle));
  return 0;
}
int main(void) {
  void *handle = opened("libprobe.so", RTLD_NOW);
  compare("first use", found_probe(handle));
  compare("second use", found_probe(handle));
  joined(started(work, handle));
  return 0;
}
"""


def _registers(name, checks="", library=_PROBE, **choices):
    return opening(name, _PROGRAM.replace("CHECK_VECTORS", checks), library, **choices)


_WHEN = ("first use", "second use", "first use in a thread", "second use in it")
_ALL_KEPT = "".join(f"when: {when}\nvalue: 4711\ngeneral registers changed: 0\nvector registers changed: 0\n"
                    for when in _WHEN)

# glibc keeps the vector registers on first use from 2.39 on (bug 31372), so newer ones are asked and 2.36 is not.
_VECTORS = _registers("a TLS descriptor's resolver keeps the vector registers with newer glibcs", libcs=("glibc",),
                      launchers=(), newer_libcs=True, shows=("value: 4711", "vector registers changed: 0"))
_SHOWS_ALL = ("value: 4711", "general registers changed: 0", "vector registers changed: 0")

RECIPES = [
    _registers("a TLS descriptor's resolver keeps the general registers", "if (0)", newer_libcs=True,
               shows=("value: 4711", "general registers changed: 0")),
    _VECTORS,
    variants(_VECTORS, name="a TLS descriptor's resolver keeps all registers with glibc", shows=(), known=_ALL_KEPT,
             launchers=("interp", "command"), newer_libcs=False),
    _registers("a TLS descriptor's resolver keeps all registers with musl", libcs=("musl",), shows=_SHOWS_ALL),
    _registers("a small block's TLS descriptor keeps all registers", library=_SMALL_PROBE, shows=_SHOWS_ALL),
    _registers("a linked object's TLS descriptor keeps all registers", needs=("probe",), shows=_SHOWS_ALL),
]
