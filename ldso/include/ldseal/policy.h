/* The policy of a program: which classes ld-seal may seal. Write it in one source of the program,
   outside every function:

       #include <ldseal/policy.h>

       LDSEAL_POLICY("require,+data");

   The words, separated by commas, are those of the variable LDSEAL: `off`, `on`, `require` (do
   not start if something that should be sealed cannot be), `+class` and `-class`, with the
   classes text, relro, system, loader, data, dlopen, wx and stack. The built-in policy comes before
   them and LDSEAL after them; the later word wins. A program with an unknown word does not start.

   The word `final` is allowed only here, not in LDSEAL. With it LDSEAL and supervisors
   (<ldseal/exempt.h>, rr) can only add to the policy. "require,final" means that the program runs
   sealed or not at all.

   The macro makes a note: section .note.ldseal, name "ldseal", type 1, and as descriptor the words
   with a NUL. The linker puts it into a PT_NOTE segment beside other notes of the program. The
   compiler must understand GNU assembly; no library is needed. Notes of libraries have no
   effect. */
#ifndef LDSEAL_POLICY_H
#define LDSEAL_POLICY_H

/* An allocated section of type SHT_NOTE: linkers keep these under --gc-sections. */
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
