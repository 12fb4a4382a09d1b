// The kernel's entry into ld-seal, the jump into the program, and the switch to libc's rtld and
// back. ld-seal runs on its own stack (ldso/variables.lds), so that libc's rtld gets the process's
// stack as the kernel made it.

        .bss
        .balign 8
saved_stack:
        .skip   8

        .text

// The kernel's entry (psABI, "Process Initialization"): rsp points to argc.
        .globl  _start
        .hidden _start
        .type   _start, @function
_start:
        .cfi_startproc
        .cfi_undefined rip
        endbr64
        xor     %ebp, %ebp
        mov     %rsp, %rdi
        lea     loader_stack_end(%rip), %rsp
        call    start_loader
        hlt
        .cfi_endproc
        .size   _start, . - _start

// [[noreturn]] void leave_loader_stack(uintptr_t* stack, void (*go_on)(void*), void* argument)
        .globl  leave_loader_stack
        .hidden leave_loader_stack
        .type   leave_loader_stack, @function
leave_loader_stack:
        .cfi_startproc
        .cfi_undefined rip
        mov     %rdi, %rsp              // a multiple of 16, as the kernel made it
        mov     %rdx, %rdi
        xor     %ebp, %ebp
        call    *%rsi
        hlt
        .cfi_endproc
        .size   leave_loader_stack, . - leave_loader_stack

// [[noreturn]] void enter_program(uintptr_t* stack, uintptr_t entry, uintptr_t fini)
        .globl  enter_program
        .hidden enter_program
        .type   enter_program, @function
enter_program:
        .cfi_startproc
        .cfi_undefined rip
        mov     %rdi, %rsp
        xor     %ebp, %ebp
        jmp     *%rsi                   // rdx: the function to call at exit
        .cfi_endproc
        .size   enter_program, . - enter_program

// [[noreturn]] void call_libc_rtld(uintptr_t* stack, uintptr_t entry, void (*go_on)(void*),
//                                  void* argument)
        .globl  call_libc_rtld
        .hidden call_libc_rtld
        .type   call_libc_rtld, @function
call_libc_rtld:
        .cfi_startproc
        .cfi_undefined rip
        sub     $8, %rsp                // a multiple of 16 then, and again behind the two words
        push    %rdx
        push    %rcx
        mov     %rsp, saved_stack(%rip)
        mov     %rdi, %rsp
        xor     %ebp, %ebp
        xor     %edx, %edx
        jmp     *%rsi
        .cfi_endproc
        .size   call_libc_rtld, . - call_libc_rtld

// libc's rtld enters this instead of the program. rdx is rtld's function for exit, which follows
// records that anyone may write: it is not called. Nothing returns to a caller from before the
// rtld: a shadow stack that it has switched on knows none of them.
        .globl  libc_rtld_done
        .hidden libc_rtld_done
        .type   libc_rtld_done, @function
libc_rtld_done:
        .cfi_startproc
        .cfi_undefined rip
        endbr64
        mov     saved_stack(%rip), %rsp
        pop     %rdi
        pop     %rax
        xor     %ebp, %ebp
        call    *%rax
        hlt
        .cfi_endproc
        .size   libc_rtld_done, . - libc_rtld_done

#include "arch/x86_64/notes.S"
