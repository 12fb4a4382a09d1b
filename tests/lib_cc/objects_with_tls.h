// Opened objects with thread-local storage, in a process on the host, and what their blocks must
// hold.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <thread>

#include "ldso/threads/tls_modules.h"
#include "tests/lib_cc/exported.h"
#include "tests/lib_cc/process_on_host.h"

namespace ldseal::testing_tools {

constexpr uint64_t kStatics = 32;  // of the values that a block begins with

alignas(4096) inline unsigned char image[8192];

inline void fill_image() {
  for (size_t i = 0; i < sizeof image; ++i) image[i] = static_cast<unsigned char>(i * 7 + 1);
}

// An object with thread-local storage whose image is `image`, as it is before it is relocated.
inline Module& object_with(ProcessOnHost& host, const std::string& name, uint64_t size,
                           uint64_t alignment = 8, uint64_t skew = 0) {
  fill_image();
  Module& m = host.open(name);
  m.tls.image = Vaddr(reinterpret_cast<uintptr_t>(image) + skew);
  m.tls.image_size = ByteCount(size < kStatics ? size : kStatics);
  m.tls.size = ByteCount(size);
  m.tls.alignment = alignment;
  return m;
}

inline Module& ready_object(ProcessOnHost& host, const std::string& name, uint64_t size = 100,
                            uint64_t alignment = 8, uint64_t skew = 0) {
  Module& m = object_with(host, name, size, alignment, skew);
  EXPECT_TRUE(register_tls(m));
  publish_tls(m);
  return m;
}

inline bool has_initial_values(const Module& m, const void* block) {
  const auto* bytes = static_cast<const unsigned char*>(block);
  const auto* values = reinterpret_cast<const unsigned char*>(m.tls.image.value);
  size_t given = m.tls.image_size.value;
  return std::equal(values, values + given, bytes) &&
         std::all_of(bytes + given, bytes + m.tls.size.value, [](auto byte) { return byte == 0; });
}

inline void spoil(const Module& m) { __builtin_memset(tls_address(m, 0), 0xee, m.tls.size.value); }

// What compiled code asks, and arch/<machine>/tls.S.
inline void* ask(const Module& m, uint64_t offset) {
  const uint64_t index[] = {module_word(m, process.graph.modules.size()),
                            offset - Native::kDtpBias};
  return loaders___tls_get_addr(index);
}

// A thread that answers one question after another, and lives in between.
class Companion {
 public:
  Companion() : thread_([this] { serve(); }) {}
  ~Companion() {
    work_ = [this] { is_over_ = true; };
    run();
    thread_.join();
  }
  template <class Body>
  void does(const Body& body) {
    work_ = body;
    run();
  }

 private:
  void run() {
    has_work_ = true;
    has_work_.notify_one();
    has_work_.wait(true);
  }
  void serve() {
    while (!is_over_) {
      has_work_.wait(false);
      work_();
      has_work_ = false;
      has_work_.notify_one();
    }
  }
  std::function<void()> work_;
  std::atomic<bool> has_work_ = false;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace ldseal::testing_tools
