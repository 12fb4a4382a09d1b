/* Seals again what a checkpoint has lost.

   A checkpointer does not record seals, so a restored program runs unsealed. It can check whether
   it runs under ldseal and have the same ranges sealed again:

       #include <ldseal/reseal.h>

       if (ldseal_reseal != NULL && ldseal_reseal() != 0) ...

   The reference is weak: it is NULL in a program that another loader started. */
#ifndef LDSEAL_RESEAL_H
#define LDSEAL_RESEAL_H

#ifdef __cplusplus
extern "C" {
#endif

/* Seals again what was sealed, at start and since. It is no error if a seal is still there.
   Returns 0, or the errno of the first range that could not be sealed; the others are tried all
   the same. EOPNOTSUPP: all calls succeeded, but they sealed nothing, as under a filter that
   answers in the kernel's place. */
int ldseal_reseal(void) __attribute__((weak));

#ifdef __cplusplus
}
#endif

#endif
