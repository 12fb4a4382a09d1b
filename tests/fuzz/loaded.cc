#include "tests/fuzz/loaded.h"

#include <algorithm>
#include <cstdlib>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include "arch/native.h"
#include "ldso/image/map_file.h"
#include "ldso/image/relro.h"
#include "ldso/mem/mapping.h"
#include "ldso/seal/planned_module.h"
#include "ldso/words/report.h"
#include "tests/lib_cc/elf_writer.h"

namespace ldseal::fuzz {
namespace {

using testing_tools::ObjectSpec;

const std::vector<unsigned char>& needed_library() {
  static const std::vector<unsigned char> bytes = [] {
    ObjectSpec spec;
    spec.machine = Native::kMachine;
    spec.soname = "libneeded.so";
    spec.symbols = {{.name = "from_needed", .version = "N1"},
                    {.name = "alpha"},
                    {.name = "data", .type = STT_OBJECT},
                    {.name = "chosen", .type = STT_GNU_IFUNC},
                    {.name = "unique", .binding = STB_GNU_UNIQUE, .type = STT_OBJECT},
                    {.name = "of_thread", .type = STT_TLS, .value = 8}};
    spec.tls_image = {1, 2, 3, 4};
    spec.tls_size = 16;
    return testing_tools::write_elf(spec).bytes;
  }();
  return bytes;
}

void look_up_all_of(const Module& asking, std::span<Module* const> modules, const Scope& scope) {
  constexpr uint32_t kMostNames = 64;
  const SymbolTable& table = asking.symbols();
  for (uint32_t i = 0; i < std::min(table.count, kMostNames); ++i) {
    SymbolQuery wanted = wanted_by(table, i);
    wanted.hash = gnu_hash(wanted.name);  // as dlsym asks, whatever the table says of it
    for (bool newest : {false, true}) {
      wanted.newest = newest;
      for (ReferenceKind kind : {ReferenceKind::kAddress, ReferenceKind::kCall}) {
        scope.find(wanted, kind);
        scope.find(wanted, kind, &asking);
        for (const Module* m : modules) find_symbol(m->symbols(), wanted, kind);
      }
    }
  }
}

}  // namespace

ExactMemory::~ExactMemory() {
  for (AddressRange range : poisoned_)
    ASAN_UNPOISON_MEMORY_REGION(range.start.as<void>(), range.length().value);
}

Status ExactMemory::describe_again(Module& module, Arena& arena) {
  AddressRange span = module.span;
  poisoned_.push_back(span);
  ASAN_POISON_MEMORY_REGION(span.start.as<void>(), span.length().value);
  for (const Phdr& ph : module.segments.headers) {
    if (ph.p_type != PT_LOAD || (ph.p_flags & (PF_R | PF_W)) == 0) continue;
    Address start = Vaddr(ph.p_vaddr) + module.bias;
    ASAN_UNPOISON_MEMORY_REGION(start.as<void>(), ph.p_memsz);
  }
  return describe_in_memory(module, module.segments.headers, module.bias, kPages, arena);
}

void add_files(FuzzKernel& kernel, std::span<const unsigned char> fuzzed) {
  kernel.add_file("/program", fuzzed);
  kernel.add_file("fuzzed.so", fuzzed);
  kernel.add_file("libneeded.so", needed_library());
}

SearchSettings search_settings(const Module& program) {
  SearchSettings settings;
  settings.rules = libc_rules_of(program);
  settings.library_path = "/libs:$ORIGIN/../$LIB";
  settings.platform = Native::kPlatform;
  settings.page = kPages;
  return settings;
}

bool succeeds(const Status& status) {
  if (!status) report(status.error());
  return static_cast<bool>(status);
}

void look_everything_up(std::span<Module* const> modules, const Scope& scope) {
  for (const Module* m : modules) look_up_all_of(*m, modules, scope);
}

void copy_tls(std::span<Module* const> modules, const TlsLayout& layout) {
  constexpr uint64_t kLargest = uint64_t{1} << 20;
  if (layout.size.value > kLargest) return;
  void* block = std::calloc(1, layout.size.value);
  copy_tls_images(modules, layout, Address(block));
  std::free(block);
}

void protect_relro(std::span<Module* const> modules) {
  for (const Module* m : modules) {
    if (m->is_linked_by_us())
      succeeds(change_protection(relro_pages(m->segments, m->bias, kPages), PROT_READ));
  }
}

void plan_seals(std::span<Module* const> modules, Arena& arena) {
  Policy policy;
  const Module& program = *modules[0];
  ImageView image = ImageView::of_memory(program.segments.headers, program.bias);
  succeeds(apply_note(policy, program.segments.headers, image, "program", arena));
  policy.wanted = ~uint32_t{0};
  Plan plan(policy, kPages, arena);
  for (const Module* m : modules) {
    AddressRange final_pages[] = {m->span};
    plan.add_object(planned(*m));
    plan.add_closable(planned(*m));
    plan.add_text(planned(*m));
    plan.add_loader(planned(*m), {}, final_pages);
  }
  plan.sort();
}

}  // namespace ldseal::fuzz
