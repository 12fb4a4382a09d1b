// The hand-over to libc's rtld and back. The rtld learns about the program from the auxiliary
// vector, so there we describe the stand-in instead.
#include "ldso/libc/bring_up.h"

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/image/map_file.h"
#include "ldso/libc/first_thread.h"
#include "ldso/libc/interposition.h"
#include "ldso/libc/musl_exit.h"
#include "ldso/libc/rtld_pointers.h"
#include "ldso/libc/slots.h"
#include "ldso/mem/arenas.h"
#include "ldso/mem/mapping.h"

// arch/<m>/entry.S: runs libc's rtld at `entry` on the process's stack. The rtld takes
// libc_rtld_done for the program's entry and jumps there; then `go_on` is called on ld-seal's
// stack.
extern "C" [[noreturn]] void call_libc_rtld(uintptr_t* stack, uintptr_t entry, void (*go_on)(void*),
                                            void* argument);
extern "C" const char libc_rtld_done[];

namespace ldseal {
namespace {

Error unusable(const char* object, const char* field) {
  Error e = fault(Fault::kLibcUnusable);
  e.object = object;
  e.field = field;
  return e;
}

// Changes one entry of the auxiliary vector. The destructor restores it.
class Replaced {
 public:
  Replaced(const ProcessStack& stack, uint64_t type, uint64_t value) : entry_(stack.find(type)) {
    if (entry_ == nullptr) return;
    before_ = entry_->a_un.a_val;
    entry_->a_un.a_val = value;
  }
  ~Replaced() {
    if (entry_ != nullptr) entry_->a_un.a_val = before_;
  }
  Replaced(const Replaced&) = delete;
  Replaced& operator=(const Replaced&) = delete;

 private:
  AuxiliaryEntry* entry_;
  uint64_t before_ = 0;
};

// Replaces a hidden variable in the environment. A replaced entry is recognised by this address,
// which no caller of execve(2) can choose. It is an array of zeroes and not an empty text, because
// musl compares names without looking for the end of the text.
constexpr char kHiddenVariable[32] = {};

// What glibc reads at its own start, beside LD_…
bool is_tunable(const char* entry) {
  return starts_with(entry, "GLIBC_TUNABLES=") || starts_with(entry, "MALLOC_");
}

// Hides the LD_… variables from libc's rtld, because ld-seal does what they ask for. The destructor
// puts the entries back where they were. If the rtld has removed other entries, ours come back in
// the same order.
class HiddenVariables {
 public:
  HiddenVariables(const ProcessStack& stack, Arena& scratch) : stack_(stack), scratch_(scratch) {
    for (char** entry = stack_.environment; *entry != nullptr; ++entry) {
      if (!starts_with(*entry, "LD_")) continue;
      hidden_.add(scratch, *entry);
      *entry = const_cast<char*>(kHiddenVariable);
    }
  }
  ~HiddenVariables() {
    size_t next = 0;
    for (char** entry = stack_.environment; next < hidden_.size() && *entry != nullptr; ++entry) {
      if (*entry == kHiddenVariable || *entry == shown_) *entry = hidden_[next++];
    }
  }

  // Shows a library path in the place of an entry that the rtld does not read. The rtld copies it.
  void show_library_path(const char* path) {
    bool has_hidden = !hidden_.empty();
    for (char** entry = stack_.environment; *entry != nullptr; ++entry) {
      if (has_hidden ? *entry != kHiddenVariable : is_tunable(*entry)) continue;
      if (!has_hidden) hidden_.add(scratch_, *entry);
      shown_ = *entry = variable("LD_LIBRARY_PATH=", path);
      return;
    }
  }
  HiddenVariables(const HiddenVariables&) = delete;
  HiddenVariables& operator=(const HiddenVariables&) = delete;

 private:
  char* variable(const char* name, const char* value) {
    size_t length = text_length(name), value_size = text_length(value) + 1;
    char* text = scratch_.make_array<char>(length + value_size);
    __builtin_memcpy(text, name, length);
    __builtin_memcpy(text + length, value, value_size);
    return text;
  }

  const ProcessStack& stack_;
  Arena& scratch_;
  List<char*> hidden_;
  const char* shown_ = nullptr;
};

// The initial values of every thread's static block. They are a record, because objects with
// initial-exec storage that are opened later add theirs.
Address make_tls_image(const TlsLayout& tls, Arena& records) {
  uint64_t skew = static_cast<uint64_t>(tls.start) & (tls.alignment - 1);
  return Address(records.allocate(skew + tls.size.value, tls.alignment)) + ByteCount(skew);
}

// The process's stack as libc's rtld sees it. The destructor makes it what it was.
class ShownToRtld {
 public:
  ShownToRtld(const ProcessStack& stack, const StandIn& stand_in, const Module& rtld,
              const char* library_path, Arena& scratch)
      : headers_(stack, AT_PHDR, stand_in.headers.value),
        count_(stack, AT_PHNUM, stand_in.header_count),
        base_(stack, AT_BASE, rtld.bias.value),
        entry_(stack, AT_ENTRY, reinterpret_cast<uintptr_t>(libc_rtld_done)),
        hidden_(stack, scratch) {
    if (library_path != nullptr && !stack.is_secure()) hidden_.show_library_path(library_path);
  }

 private:
  Replaced headers_, count_, base_, entry_;
  HiddenVariables hidden_;
};

const LinkMap* find_by_name(const Rendezvous& list, const char* name) {
  for (const LinkMap* map = list.r_map; map != nullptr; map = map->l_next) {
    if (equal(map->l_name, name)) return map;
  }
  return nullptr;
}

// The symbols that the stand-in must define. libc's symbol table is read only if it can make a
// difference (interposition.h). glibc's libc is not mapped yet, so its table is read from a view of
// its file: the names in `symbols` point into `view`.
struct ChosenSymbols {
  std::span<const StandInSymbol> symbols;
  Mapping view;
};

Result<ChosenSymbols> choose_symbols(Graph& graph, Module& self, WeakDefinitions weak,
                                     Arena& scratch) {
  if (!may_interpose(graph, graph.libc_file ? nullptr : graph.libc))
    return ChosenSymbols{own_symbols(self, scratch), {}};
  if (!graph.libc_file)
    return ChosenSymbols{interposed_symbols(graph, *graph.libc, self, weak, scratch), {}};
  if (auto symbols = symbols_without_libcs_names(graph, self, weak, scratch))
    return ChosenSymbols{*symbols, {}};
  if (!graph.libc_file->is_open()) {
    if (Status s = graph.libc_file->reopen(graph.libc->path); !s) return s.error();
  }
  auto* as_file = scratch.make<Module>(*graph.libc);
  Result<Mapping> view = view_object(*as_file, *graph.libc_file, scratch);
  if (!view) return view.error();
  return ChosenSymbols{interposed_symbols(graph, *as_file, self, weak, scratch), std::move(*view)};
}

// Describes glibc's libc where its rtld has mapped it.
Status find_in_memory(Graph& graph, const Rendezvous* rendezvous, PageSize page, Arena& permanent) {
  Module& libc = *graph.libc;
  if (rendezvous == nullptr) return unusable(graph.libc_rtld->path, "r_debug");
  const LinkMap* map = find_by_name(*rendezvous, libc.path);
  if (map == nullptr) return unusable(libc.path, "link_map");
  if (Status s = describe_mapped(libc, *graph.libc_file, LoadBias(map->l_addr), page, permanent);
      !s)
    return s;
  graph.libc_file.reset();
  return {};
}

// Asks libc's own dl_iterate_phdr(3). Entries with thread-local storage get its distance from the
// thread pointer.
List<ProgramHeaderInfo> ask_what_libc_reports(const Module& libc, Arena& scratch) {
  struct Answer {
    List<ProgramHeaderInfo> entries;
    Arena& scratch;
  } answer{{}, scratch};
  using Iterate = int (*)(VisitProgramHeaders, void*);
  SymbolQuery query{"dl_iterate_phdr", gnu_hash("dl_iterate_phdr"), nullptr};
  const Sym* symbol = find_symbol(libc.symbols(), query, ReferenceKind::kCall);
  if (symbol == nullptr) return {};
  auto iterate = (Vaddr(symbol->st_value) + libc.bias).as<void>();
  reinterpret_cast<Iterate>(iterate)(
      [](ProgramHeaderInfo* info, size_t size, void* data) {
        if (size < sizeof(*info)) return 1;
        auto* a = static_cast<Answer*>(data);
        ProgramHeaderInfo entry = *info;
        auto distance = reinterpret_cast<uintptr_t>(entry.dlpi_tls_data) - thread_pointer();
        if (entry.dlpi_tls_data != nullptr) entry.dlpi_tls_data = Address(distance).as<void>();
        a->entries.add(a->scratch, entry);
        return 0;
      },
      &answer);
  return answer.entries;
}

// libc's rtld chose the place of libc's own block of thread-local storage. Only libc can say where
// it is.
std::span<const ProgramHeaderInfo> record_reported(Module& libc, Arena& permanent, Arena& scratch) {
  if (libc.tls.size.value == 0) return {};
  List<ProgramHeaderInfo> entries = ask_what_libc_reports(libc, scratch);
  auto* kept = permanent.make_array<ProgramHeaderInfo>(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    kept[i] = entries[i];
    if (entries[i].dlpi_addr != libc.bias.value) continue;
    libc.tls.offset = static_cast<int64_t>(Address(entries[i].dlpi_tls_data).value);
  }
  return {kept, entries.size()};
}

// An array of one function, in the form of DT_INIT_ARRAY.
AddressRange array_of(Address function, Arena& permanent) {
  Address start(permanent.make<uint64_t>(function.value));
  return {start, start + ByteCount(sizeof(uint64_t))};
}

// musl gives threads the largest stack that an object asks for (ld's -z stack-size).
ByteCount largest_stack(const Graph& graph) {
  ByteCount largest;
  for (const Module* m : graph.modules) {
    const Phdr* stack = m->segments.stack;
    if (stack != nullptr && stack->p_memsz > largest.value) largest = ByteCount(stack->p_memsz);
  }
  return largest;
}

// What the code of every object keeps to that libc's rtld does not see. ld-seal's own code keeps to
// all that there is.
uint32_t common_features(const Graph& graph) {
  uint32_t common = UINT32_MAX;
  for (const Module* m : graph.modules) {
    if (m->is_linked_by_us()) common &= m->features;
  }
  return common;
}

StandInPlan plan_for(LibcFamily family, const Graph& graph, const TlsLayout& tls,
                     const LibcHooks& hooks, Arena& permanent) {
  StandInPlan plan;
  plan.tls = tls;
  plan.tls_image = make_tls_image(tls, record_arena);
  plan.copy_type = Native::kCopyType;
  plan.irelative_type = Native::kIrelativeType;
  const Module& program = *graph.program;
  if (family == LibcFamily::kMusl) {
    plan.libc_name = "libc.so";
    plan.interpreter = graph.libc->path;
    plan.init_array =
        array_of(hooks.constructors, permanent);  // musl runs DT_INIT on some machines only
    plan.stack_size = largest_stack(graph);
    return plan;
  }
  plan.libc_name = graph.libc->path;
  plan.interpreter = graph.libc_rtld->path;
  plan.resolver = trampolines_for(*graph.libc_rtld);
  plan.feature_property = Native::kFeatures;
  plan.features = common_features(graph);
  // glibc's profiler (gmon.out) subtracts this load bias from the program's addresses.
  if ((program.bias.value & (tls.alignment - 1)) == 0) plan.bias = program.bias;
  const Dynamic& d = program.dynamic;
  if (d.init.present) plan.init = d.init.value + program.bias;
  if (d.init_array.size.value != 0) {
    plan.init_array.start = d.init_array.start + program.bias;
    plan.init_array.end = plan.init_array.start + d.init_array.size;
  }
  return plan;
}

Result<Runtime> without_libc(const LibcStart& start) {
  Result<Address> block = make_first_thread(start.tls, start.stack, start.page);
  if (!block) return block.error();
  Runtime runtime;
  runtime.tls_block = *block;
  return runtime;
}

// What is needed when libc's rtld is done. It lies on ld-seal's stack meanwhile.
struct BeforeRtld {
  const LibcStart& start;
  AfterLibc go_on;
  void* argument;
  StandIn stand_in = {};
  std::span<const StandInSymbol> symbols = {};
  Address tls_image = {};
  std::optional<ShownToRtld> shown = {};

  bool is_glibc() const { return family_of(start.graph) == LibcFamily::kGlibc; }
  Module* rtld() const { return is_glibc() ? start.graph.libc_rtld : start.graph.libc; }
};

// Some names lie in libc's file as ld-seal has it mapped before rtld maps it.
std::span<const StandInSymbol> with_own_names(std::span<const StandInSymbol> symbols,
                                              Arena& scratch) {
  auto* copies = scratch.make_array<StandInSymbol>(symbols.size());
  for (size_t i = 0; i < symbols.size(); ++i) {
    copies[i] = symbols[i];
    copies[i].name = scratch.copy(symbols[i].name);
  }
  return {copies, symbols.size()};
}

Status prepare(BeforeRtld& before) {
  const LibcStart& start = before.start;
  Graph& graph = start.graph;
  bool glibc = before.is_glibc();
  if (before.rtld() == nullptr) return unusable(graph.libc->path, "DT_NEEDED of its loader");
  const Module& rtld = *before.rtld();
  if (rtld.entry.value == 0) return unusable(rtld.path, "e_entry");

  StandInPlan plan = plan_for(family_of(graph), graph, start.tls, start.hooks, start.permanent);
  Result<ChosenSymbols> chosen = choose_symbols(graph, start.self, start.weak, start.scratch);
  if (!chosen) return chosen.error();
  plan.symbols = chosen->symbols;
  // The one descriptor that may be left is for libc's rtld.
  if (glibc) graph.libc_file->close();
  before.stand_in = build_stand_in(plan, start.permanent);
  before.symbols = with_own_names(plan.symbols, start.scratch);
  before.tls_image = plan.tls_image;
  trace::log(Topic::kFiles, {Event::kStandIn, {graph.libc->path, rtld.path}});
  return {};
}

Result<Runtime> describe_runtime(const BeforeRtld& before) {
  const LibcStart& start = before.start;
  bool glibc = before.is_glibc();
  Runtime runtime;
  runtime.family = family_of(start.graph);
  runtime.rendezvous = Address(before.stand_in.debug->d_un.d_ptr).as<const Rendezvous>();
  runtime.stand_in_headers = before.stand_in.headers.as<const Phdr>();
  runtime.tls_image = before.tls_image;
  runtime.tls_block = Address(thread_pointer() + static_cast<uint64_t>(start.tls.start));
  if (glibc) {
    Status s = find_in_memory(start.graph, runtime.rendezvous, start.page, start.permanent);
    if (!s) return s.error();
    bind_slots_of_libc(*start.graph.libc, *start.graph.libc_rtld, before.symbols,
                       start.stack.value(AT_HWCAP), start.stack.value(AT_HWCAP2), start.page);
  } else if (!hide_destructors_of_libc(*start.graph.libc, runtime.rendezvous, start.permanent)) {
    return unusable(start.graph.libc->path, "link_map");
  }
  runtime.reported = record_reported(*start.graph.libc, start.permanent, start.scratch);
  return runtime;
}

[[noreturn]] void go_on(AfterLibc then, Result<Runtime> runtime, void* argument) {
  then(std::move(runtime), argument);
  __builtin_trap();
}

[[noreturn]] void rtld_is_done(void* before_rtld) {
  auto& before = *static_cast<BeforeRtld*>(before_rtld);
  before.shown.reset();
  go_on(before.go_on, describe_runtime(before), before.argument);
}

}  // namespace

LibcFamily family_of(const Graph& graph) {
  if (graph.libc == nullptr) return LibcFamily::kNone;
  return graph.libc_file ? LibcFamily::kGlibc : LibcFamily::kMusl;
}

void bring_up(const LibcStart& start, AfterLibc then, void* argument) {
  if (family_of(start.graph) == LibcFamily::kNone) go_on(then, without_libc(start), argument);
  BeforeRtld before{start, then, argument};
  if (Status s = prepare(before); !s) go_on(then, s.error(), argument);
  // musl opens nothing itself.
  const char* library_path = before.is_glibc() ? start.hooks.library_path : nullptr;
  before.shown.emplace(start.stack, before.stand_in, *before.rtld(), library_path, start.scratch);
  call_libc_rtld(start.stack.start, before.rtld()->entry.value, rtld_is_done, &before);
}

}  // namespace ldseal
