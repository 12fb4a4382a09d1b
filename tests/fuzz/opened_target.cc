// Fuzzes dlopen: the object is opened while a right program runs, and its view as a file is read too.
#include "ldso/image/map_file.h"
#include "ldso/threads/tls_surplus.h"
#include "tests/fuzz/loaded.h"

namespace ldseal::fuzz {
namespace {

Module* nothing_of_name(const char*) { return nullptr; }
Module* nothing_of_file(FileIdentity) { return nullptr; }
Definition as_found(const Definition& found, const SymbolQuery&) { return found; }

Status give_a_static_place(Module& module) {
  module.tls.offset = -4096;
  return {};
}

class DlopenCall {
 public:
  Status load() {
    if (Status s = map_program(); !s) return s;
    LibrarySearch search(search_settings(program_), program_, arena_);
    GraphBuilder loader(graph_, search, LibcHandling::kFoundOnly, arena_);
    loader.build_upon(kNothingLoaded);
    graph_.program = &program_;
    Result<Module*> root = loader.open("fuzzed.so", program_);
    if (!root) return root.error();
    if (Status s = memory_.describe_again(**root, arena_); !s) return s;
    return loader.load_needed();
  }

  Status link() {
    for (Module* m : group()) numbering_.push_back(m);
    for (uint32_t i = 0; i < numbering_.size(); ++i) numbering_[i]->scope_position = i;
    uint32_t id = 0;
    for (Module* m : group()) {
      if (m->tls.size.value != 0) m->tls.opened_id = ++id;
    }
    Scope scope;
    scope.build_over_numbered(numbering_, estimate_references(group()), arena_);
    look_everything_up(numbering_, scope);
    if (Status s = relocate(scope); !s) return s;
    look_everything_up(numbering_, scope);
    take_surplus();
    protect_relro(group());
    plan_seals(group(), arena_);
    return {};
  }

  // The tables once more, from a file that nobody has mapped in its form for running.
  Status view() {
    Result<ElfFile> object = ElfFile::open("/program", kPages, arena_);
    if (!object) return object.error();
    Module module;
    module.file_path = "/program";
    Result<Mapping> view = view_object(module, *object, arena_);
    if (!view) return view.error();
    Module* alone[] = {&module};
    Scope scope;
    scope.build(alone, UINT64_MAX, arena_);
    look_everything_up(alone, scope);
    return {};
  }

 private:
  static constexpr LoadedObjects kNothingLoaded = {nothing_of_name, nothing_of_file};

  std::span<Module* const> group() const { return {graph_.modules.begin(), graph_.modules.size()}; }

  Status map_program() {
    Result<ElfFile> object = ElfFile::open("libneeded.so", kPages, arena_);
    if (!object) return object.error();
    program_.kind = ModuleKind::kProgram;
    program_.file_path = "libneeded.so";
    numbering_.push_back(&program_);
    return map_object(program_, *object, kPages, arena_);
  }

  void take_surplus() {
    TlsSurplus surplus;
    for (const Module* m : group()) {
      if (m->tls.size.value == 0 || m->tls.alignment > kTlsSurplusAlignment) continue;
      if (auto place = surplus.take(m->tls)) surplus.give_back(*place, m->tls.size);
    }
  }

  Status relocate(const Scope& scope) {
    Providers providers(numbering_.size(), arena_);
    LinkPolicy policy{numbering_, as_found, &providers, Address(uint64_t{4})};
    TlsAccess tls{Address(uint64_t{1}), Address(uint64_t{2}), Address(uint64_t{3}),
                  give_a_static_place, 1};
    Linker linker(scope, policy, tls, 0, 0, kPages, arena_);
    for (size_t i = group().size(); i > 0; --i) {
      if (Status s = linker.relocate(*group()[i - 1]); !s) return s;
    }
    return {};
  }

  ExactArena arena_;
  Module program_;
  Graph graph_;
  std::vector<Module*> numbering_;
  ExactMemory memory_;
};

}  // namespace
}  // namespace ldseal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  ldseal::fuzz::FuzzKernel kernel;
  ldseal::fuzz::add_files(kernel, {data, size});
  ldseal::fuzz::DlopenCall opening;
  if (ldseal::fuzz::succeeds(opening.load())) ldseal::fuzz::succeeds(opening.link());
  ldseal::fuzz::succeeds(opening.view());
  return 0;
}
