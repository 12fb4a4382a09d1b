/* A program's own word on what the loader may seal. In one of its sources, outside every
   function:

       #include <ldseal/policy.h>

       LDSEAL_POLICY("require,+data");

   The words, separated by commas, are those of the variable LDSEAL: `off`, `on`, `require` (do
   not start if something that should be sealed cannot be), `+class` and `-class`, with the
   classes text, relro, system, loader, data and dlopen. The built-in policy comes before them
   and LDSEAL after; the later word wins. A word that does not exist keeps the program from
   starting.

   With the word `final`, which only a program's own note has, neither LDSEAL nor a supervisor
   (<ldseal/exempt.h>, rr) takes anything of it away; they may add. "require,final" means that the
   program runs sealed or not at all, whoever starts it.

   It becomes a note (section .note.ldseal, name "ldseal", type 1, the words and a NUL as
   descriptor) that the linker puts into a PT_NOTE segment; a program with notes of its own keeps
   them. Any C or C++ compiler that understands GNU assembly will do, and no library is needed.
   It says something for programs only: libraries are not asked. */
#ifndef LDSEAL_POLICY_H
#define LDSEAL_POLICY_H

/* An allocated section of type SHT_NOTE: linkers keep those whatever --gc-sections throws away. */
#define LDSEAL_POLICY(words)                        \
  __asm__(                                          \
      ".pushsection .note.ldseal, \"a\", %note\n\t" \
      ".balign 4\n\t"                               \
      ".long 772f - 771f, 774f - 773f, 1\n"         \
      "771: .asciz \"ldseal\"\n"                    \
      "772: .balign 4\n"                            \
      "773: .asciz \"" words                        \
      "\"\n"                                        \
      "774: .balign 4\n\t"                          \
      ".popsection")

#endif
