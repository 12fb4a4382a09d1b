// A place that no indirect branch may reach in code with landing pads.

__asm__(
    ".text\n.globl place\n.hidden place\n.type place, %function\nplace:\n  mov w0, #6\n  "
    "ret\n.size place, . - place");
__attribute__((visibility("hidden"))) int place(void);
