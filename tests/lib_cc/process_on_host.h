// The loader's Process over the test program's own libc, its threads and its thread-local storage.
// What the loader remembers of them lasts as long as the program: each test needs a fresh process
// (tests/lib_cc/fresh_process.h).
#pragma once

#include "arch/native.h"
#include "ldso/threads/dynamic_tls.h"
#include "tests/lib_cc/host_libc.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal::testing_tools {

// What the loader has in every thread's static block: here initial-exec storage of the test
// program, which is at the same distance from each thread's thread pointer.
struct StaticBlock {
  alignas(kTlsSurplusAlignment) unsigned char surplus[kTlsSurplus.value];
  ThreadArea words;
};
inline constinit thread_local StaticBlock static_block = {};

inline TlsLayout layout_of_static_block(TlsRoom room) {
  auto distance = [](const void* place) {
    return static_cast<int64_t>(reinterpret_cast<uintptr_t>(place) - thread_pointer());
  };
  TlsLayout layout;
  layout.size = ByteCount(sizeof(StaticBlock));
  layout.alignment = alignof(StaticBlock);
  layout.start = layout.surplus = distance(static_block.surplus);
  layout.words = distance(&static_block.words);
  layout.room = room;
  return layout;
}

class ProcessOnHost : public MadeUpProcess {
 public:
  explicit ProcessOnHost(TlsRoom room = TlsRoom::kForOpened) : MadeUpProcess(LibcFamily::kGlibc) {
    add_libc(host_libc());
    set_up_dynamic_tls(layout_of_static_block(room), arena());
  }
};

}  // namespace ldseal::testing_tools
