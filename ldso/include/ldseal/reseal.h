/* Sealing again what a checkpoint has lost.

   A checkpointer does not record seals: a program that is restored runs on unsealed. It can look
   whether it runs under ldseal and have the same ranges sealed again:

       #include <ldseal/reseal.h>

       if (ldseal_reseal != NULL && ldseal_reseal() != 0) ...

   The reference is weak: a program that another loader starts finds NULL. */
#ifndef LDSEAL_RESEAL_H
#define LDSEAL_RESEAL_H

#ifdef __cplusplus
extern "C" {
#endif

/* Seals once more what was sealed, at start and since. Sealing what is still sealed is no error. Returns 0, or
   the errno of the first range that could not be sealed; the others are tried all the same. EOPNOTSUPP: all
   calls succeeded, and nothing is sealed by them, as under a filter that answers in the kernel's place. */
int ldseal_reseal(void) __attribute__((weak));

#ifdef __cplusplus
}
#endif

#endif
