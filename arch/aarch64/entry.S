// The kernel's entry into ld-seal, the jump into the program, and the switch to libc's rtld and
// back. ld-seal runs on its own stack (ldso/variables.lds), so that libc's rtld gets the process's
// stack as the kernel made it.

        .bss
        .balign 8
saved_stack:
        .skip   8

        .text

// The kernel's entry: sp points to argc.
        .globl  _start
        .hidden _start
        .type   _start, %function
_start:
        .cfi_startproc
        .cfi_undefined x30
        hint    #34                     // bti c, for any assembler
        mov     x29, #0
        mov     x30, #0
        mov     x0, sp
        adrp    x1, loader_stack_end
        add     x1, x1, :lo12:loader_stack_end
        mov     sp, x1
        bl      start_loader
        brk     #1
        .cfi_endproc
        .size   _start, . - _start

// [[noreturn]] void leave_loader_stack(uintptr_t* stack, void (*go_on)(void*), void* argument)
        .globl  leave_loader_stack
        .hidden leave_loader_stack
        .type   leave_loader_stack, %function
leave_loader_stack:
        .cfi_startproc
        .cfi_undefined x30
        mov     sp, x0                  // a multiple of 16, as the kernel made it
        mov     x0, x2
        mov     x29, #0
        mov     x30, #0
        blr     x1
        brk     #1
        .cfi_endproc
        .size   leave_loader_stack, . - leave_loader_stack

// [[noreturn]] void enter_program(uintptr_t* stack, uintptr_t entry, uintptr_t fini)
        .globl  enter_program
        .hidden enter_program
        .type   enter_program, %function
enter_program:
        .cfi_startproc
        .cfi_undefined x30
        mov     sp, x0
        mov     x16, x1
        mov     x0, x2                  // the function to call at exit
        mov     x29, #0
        mov     x30, #0
        br      x16
        .cfi_endproc
        .size   enter_program, . - enter_program

// [[noreturn]] void call_libc_rtld(uintptr_t* stack, uintptr_t entry, void (*go_on)(void*),
//                                  void* argument)
        .globl  call_libc_rtld
        .hidden call_libc_rtld
        .type   call_libc_rtld, %function
call_libc_rtld:
        .cfi_startproc
        .cfi_undefined x30
        stp     x2, x3, [sp, #-16]!
        adrp    x9, saved_stack
        mov     x10, sp
        str     x10, [x9, :lo12:saved_stack]
        mov     sp, x0
        mov     x16, x1
        mov     x0, #0
        mov     x29, #0
        mov     x30, #0
        br      x16
        .cfi_endproc
        .size   call_libc_rtld, . - call_libc_rtld

// libc's rtld enters this instead of the program. x0 is rtld's function for exit, which follows
// records that anyone may write: it is not called. Nothing returns to a caller from before the
// rtld: a shadow stack that it has switched on (GCS) knows none of them.
        .globl  libc_rtld_done
        .hidden libc_rtld_done
        .type   libc_rtld_done, %function
libc_rtld_done:
        .cfi_startproc
        .cfi_undefined x30
        hint    #38                     // bti jc: whichever register the rtld jumps by
        adrp    x9, saved_stack
        ldr     x10, [x9, :lo12:saved_stack]
        mov     sp, x10
        ldp     x1, x0, [sp], #16
        mov     x29, #0
        mov     x30, #0
        blr     x1
        brk     #1
        .cfi_endproc
        .size   libc_rtld_done, . - libc_rtld_done

#include "arch/aarch64/notes.S"
