// libc's own calls. glibc's rtld relocates libc for lazy binding, because the program that it
// started (the stand-in) asks for nothing else. So a word of libc's GOT would have to stay writable
// for each function of libc that libc calls by name.
#pragma once

#include <span>

#include "ldso/image/module.h"
#include "ldso/libc/stand_in.h"

namespace ldseal {

// Binds what is left, in the scope in which rtld would: the stand-in's `symbols`, libc, rtld.
// libc must be relocated. Only slots outside of RELRO are written: rtld has bound the others.
void bind_slots_of_libc(const Module& libc, const Module& rtld,
                        std::span<const StandInSymbol> symbols, uint64_t hwcap, uint64_t hwcap2,
                        PageSize page);

}  // namespace ldseal
