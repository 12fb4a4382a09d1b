// The memory for records that ldso/variables.lds gives the loader.
asm(".bss\n"
    ".balign 65536\n"
    ".globl record_variables, record_memory, record_memory_end\n"
    ".hidden record_variables, record_memory, record_memory_end\n"
    "record_variables: .skip 1024\n"
    "record_memory: .skip 130048\n"
    "record_memory_end:\n"
    ".text\n");
