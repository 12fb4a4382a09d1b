// The one Process of the loader and what dlopen has brought, made up of objects without a file: a
// test says which object needs which and which are open, and sees whose constructors and destructors
// ran. One exists at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ldso/dl/opened.h"
#include "ldso/process/process.h"
#include "tests/lib_cc/heap_arena.h"

namespace ldseal::testing_tools {

class MadeUpProcess {
 public:
  // Makes a process of a program and ld-seal.
  explicit MadeUpProcess(LibcFamily family = LibcFamily::kNone);
  // Closes everything.
  ~MadeUpProcess();
  MadeUpProcess(const MadeUpProcess&) = delete;
  MadeUpProcess& operator=(const MadeUpProcess&) = delete;

  Module& program() { return *process.graph.program; }
  Module& self() { return *process.self; }
  // Adds a library of start-up.
  Module& add_library(const std::string& name);
  // libc itself, which is described already.
  void add_libc(Module& libc);

  // What one dlopen brings, published: the first is the one that it named, and has a handle. None
  // is constructed.
  std::vector<Module*> open(const std::vector<std::string>& names);
  Module& open(const std::string& name) { return *open(std::vector{name})[0]; }

  void need(Module& module, Module& needed);
  void refer(Module& module, Module& other);  // a binding that no DT_NEEDED leads to

  // Constructors and destructors that ran: "+name", "-name".
  std::vector<std::string> calls() const;
  void forget_calls();
  // Run by the module's destructor.
  void on_destruction(const Module& module, std::function<void()> action);

  Arena& arena() { return arena_; }

 private:
  Module& make(const std::string& name, ModuleKind kind, Arena& arena);
  void arrange();

  HeapArena arena_;
  std::vector<Module*> start_up_;
};

}  // namespace ldseal::testing_tools
