// The stand-in: a tiny ELF image in memory that libc's rtld takes for the program. It needs only
// libc. It carries the thread-local storage of all start-up modules, defines the names by which the
// program and its libraries preempt libc's, and has the COPY relocations of libc's objects.
#pragma once

#include <optional>
#include <span>

#include "ldso/base/arena.h"
#include "ldso/image/module.h"
#include "ldso/link/tls_layout.h"

namespace ldseal {

// A name that the stand-in defines. Its address may be anywhere in the process.
struct StandInSymbol {
  const char* name;
  Address value;
  uint64_t size;
  unsigned char type;        // STT_FUNC or STT_OBJECT
  const char* copy_version;  // COPY: the version of libc's object; null: no version
  bool is_copied;            // libc's rtld copies its object of this name to `value`
};

struct StandInPlan {
  const char* libc_name = nullptr;    // DT_NEEDED
  const char* interpreter = nullptr;  // PT_INTERP
  std::span<const StandInSymbol> symbols;
  uint32_t copy_type = 0;       // the machine's R_…_COPY
  uint32_t irelative_type = 0;  // and its R_…_IRELATIVE
  // What libc's rtld calls while it relocates the stand-in, as the resolver of an IFUNC whose
  // address is needed nowhere. 0: nothing.
  Address resolver;
  TlsLayout tls;
  Address tls_image;  // what libc copies for every thread; its address has the skew of tls.start
  // The load bias that libc shall see, a multiple of tls.alignment. Without a value the bias is the
  // address of the image, as of a program that is linked to address 0.
  std::optional<LoadBias> bias;
  // What the code keeps to that the stand-in stands for: the bits of a property …_FEATURE_1_AND.
  // 0: it has no property.
  uint32_t feature_property = 0;
  uint32_t features = 0;
  // The functions that libc shall run as the program's DT_INIT and so on. Addresses in memory; 0 or
  // empty: none.
  Address init;
  AddressRange init_array;
  ByteCount stack_size;  // PT_GNU_STACK: of threads, in musl
};

// The stand-in in memory.
struct StandIn {
  Address base;     // the first byte of the image
  Address headers;  // for AT_PHDR
  uint64_t header_count = 0;
  const Dyn* debug = nullptr;  // libc's rtld writes the address of its r_debug here (DT_DEBUG)
};

// Writes the image into `permanent`, because libc refers to it as long as the process runs.
StandIn build_stand_in(const StandInPlan& plan, Arena& permanent);

}  // namespace ldseal
