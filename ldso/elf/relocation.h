// The meanings of relocations, in terms that both machines share. A machine's target.h maps its
// types to them (psABI x86-64, AAELF64). A machine never returns a kind that it lacks.
#pragma once

#include <cstdint>

namespace ldseal {

enum class RelocationKind : uint8_t {
  kUnknown,
  kNothing,
  kRelative,       // B + A
  kAbsolute64,     // S + A
  kAbsolute32,     // S + A, must fit
  kAbsolute16,     // S + A, must fit
  kPcRelative64,   // S + A - P
  kPcRelative32,   // S + A - P, must fit
  kPcRelative16,   // S + A - P, must fit
  kSlot,           // GLOB_DAT: S + A, or S alone (the machine's kSlotsHaveAddend)
  kCallSlot,       // JUMP_SLOT: the same, for calls only
  kCopy,           // copy the definition's initial bytes here
  kIndirect,       // IRELATIVE: what the resolver at B + A returns
  kTlsModule,      // DTPMOD
  kTlsOffset,      // DTPOFF / DTPREL
  kTlsThread,      // TPOFF / TPREL: offset from the thread pointer
  kTlsDescriptor,  // TLSDESC: two words, resolver and argument
  kSize64,         // Z + A
  kSize32,         // Z + A, must fit
};

// The position of a thread's TLS blocks (ELF Handling For Thread-Local Storage): above the thread
// pointer (variant I) or below it (variant II).
enum class TlsVariant : uint8_t { kAboveThreadPointer, kBelowThreadPointer };

constexpr bool is_slot(RelocationKind kind) {
  return kind == RelocationKind::kSlot || kind == RelocationKind::kCallSlot;
}

}  // namespace ldseal
