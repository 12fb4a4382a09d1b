// Fuzzes start-up: the object is the program and, once more, a library that the program asks for.
#include "arch/native.h"
#include "ldso/image/map_file.h"
#include "ldso/link/version_check.h"
#include "ldso/words/trace_text.h"
#include "tests/fuzz/loaded.h"

namespace ldseal::fuzz {
namespace {

Status no_static_place(Module&) { return fault(Fault::kTlsSurplusUsedUp); }
void ignore(const Error&) {}

class StartUp {
 public:
  Status load() {
    Result<ElfFile> object = ElfFile::open("/program", kPages, arena_);
    if (!object) return object.error();
    object->has_dynamic_entry(DT_NEEDED);
    program_.kind = ModuleKind::kProgram;
    program_.file_path = "/program";
    if (Status s = map_object(program_, *object, kPages, arena_); !s) return s;
    if (Status s = memory_.describe_again(program_, arena_); !s) return s;
    return load_libraries();
  }

  Status link() {
    for (const Module* m : modules()) {
      if (Status s = check_versions(*m, find_by_name, &graph_); !s) return s;
    }
    Result<TlsLayout> above = lay_out_tls(modules(), TlsVariant::kAboveThreadPointer, 16, room());
    if (above) copy_tls(modules(), *above);
    Result<TlsLayout> layout =
        lay_out_tls(modules(), Native::kTlsVariant, Native::kThreadHeader, room());
    if (!layout) return layout.error();
    Scope scope;
    scope.build(modules(), estimate_references(modules()), arena_);
    look_everything_up(modules(), scope);
    if (Status s = relocate(scope); !s) return s;
    look_everything_up(modules(), scope);
    copy_tls(modules(), *layout);
    protect_relro(modules());
    plan_seals(modules(), arena_);
    return {};
  }

 private:
  std::span<Module* const> modules() const {
    return {graph_.modules.begin(), graph_.modules.size()};
  }
  TlsRoom room() const {
    return may_open_objects(modules()) ? TlsRoom::kForOpened : TlsRoom::kNone;
  }
  static Module* find_by_name(const char* name, void* graph) {
    return static_cast<Graph*>(graph)->names.find(name);
  }

  Status load_libraries() {
    LibrarySearch search(search_settings(program_), program_, arena_);
    GraphBuilder loader(graph_, search, LibcHandling::kMapped, arena_);
    loader.report_missing_to(ignore);
    loader.add_program(program_);
    Result<Module*> library = loader.open("fuzzed.so", program_);
    if (!library) return library.error();
    if (Status s = loader.load_needed(); !s) return s;
    for (Module* m : modules()) {
      search.settle_origin(*m);
      search.directories_for(*m);
    }
    search.release_cache();
    return memory_.describe_again(**library, arena_);
  }

  // What resolvers choose is not asked: that is code of the object.
  Status relocate(const Scope& scope) {
    TlsAccess tls{Address(uint64_t{1}), Address(uint64_t{2}), Address(0), no_static_place, 0};
    Linker linker(scope, LinkPolicy::of_start_up(scope), tls, 0, 0, kPages, arena_);
    for (size_t i = modules().size(); i > 0; --i) {
      Module& m = *modules()[i - 1];
      if (!m.is_linked_by_us()) continue;
      if (Status s = linker.relocate(m); !s) return s;
    }
    for (const Error& e : linker.missing()) succeeds(e);
    return {};
  }

  ExactArena arena_;
  Module program_;
  Graph graph_;
  ExactMemory memory_;
};

}  // namespace
}  // namespace ldseal::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  ldseal::add_trace_words("all");
  return ldseal::fuzz::succeeds(ldseal::start_tracing(nullptr)) ? 0 : 1;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  ldseal::fuzz::FuzzKernel kernel;
  ldseal::fuzz::add_files(kernel, {data, size});
  ldseal::fuzz::StartUp start_up;
  if (ldseal::fuzz::succeeds(start_up.load())) ldseal::fuzz::succeeds(start_up.link());
  return 0;
}
