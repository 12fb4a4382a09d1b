/* The classes of memory that ldseal can seal, as bits. Including this needs no libc.

   A sealed mapping cannot be unmapped, moved, replaced or given another protection until the
   process ends or executes another program (mseal(2)). */
#ifndef LDSEAL_CLASSES_H
#define LDSEAL_CLASSES_H

#define LDSEAL_CLASS_TEXT 0x01u   /* "text": segments that are not writable, of every object */
#define LDSEAL_CLASS_RELRO 0x02u  /* "relro": what is read-only once it is relocated */
#define LDSEAL_CLASS_SYSTEM 0x04u /* "system": the kernel's vdso, vvar and vvar_vclock */
#define LDSEAL_CLASS_LOADER 0x08u /* "loader": ld-seal's records, once they are final */
#define LDSEAL_CLASS_DATA 0x10u /* "data": writable segments; they stay writable, in their place */
#define LDSEAL_CLASS_DLOPEN 0x20u /* "dlopen": objects that are opened later */
#define LDSEAL_CLASS_GUARDS 0x40u /* "guards": guard pages of thread stacks, for the hatch alone */
#define LDSEAL_CLASS_PLT 0x80u    /* "plt": the addresses that calls between objects go through */
#define LDSEAL_CLASS_WX 0x100u    /* "wx": code is final: nothing new becomes executable */
#define LDSEAL_CLASS_STACK 0x200u /* "stack": the first thread's stack; it still grows */

/* "LDSE": the option of prctl(2) by which ld-seal asks whether a class is exempt. */
#define PR_LDSEAL_EXEMPT 0x4c445345

/* Every class, and every bit that a later version may use. */
#define LDSEAL_CLASS_ALL 0xffffffffu

#endif
