// See load.h.
#include "ldso/start/load.h"

#include "ldso/dl/constructor_order.h"
#include "ldso/image/isa_level.h"
#include "ldso/image/map_file.h"
#include "ldso/image/preload_file.h"
#include "ldso/image/search.h"
#include "ldso/libc/interposition.h"
#include "ldso/mem/arenas.h"
#include "ldso/start/listing.h"
#include "ldso/start/needs.h"
#include "ldso/start/program.h"
#include "ldso/start/tunables.h"
#include "ldso/words/held_output.h"
#include "ldso/words/libc_words.h"

namespace ldseal {
namespace {

SearchSettings settings_for(const Process& p, const Options& options, const Module& program) {
  SearchSettings settings;
  settings.rules = libc_rules_of(program);
  bool musl = settings.rules == LibcRules::kMusl;
  const char* path = options.library_path;
  if (path == nullptr)
    path = musl ? options.first_library_path_variable : options.library_path_variable;
  // A copy, because the program may change its environment.
  if (path != nullptr) settings.library_path = permanent_arena.copy(path);
  settings.platform = Address(p.stack.value(AT_PLATFORM)).as<const char>();
  settings.secure = options.secure;
  settings.inhibit_rpath = options.inhibit_rpath;
  settings.hwcaps_prepend = options.hwcaps_prepend;
  settings.hwcaps_mask = options.hwcaps_mask;
  settings.use_cache = !options.inhibit_cache;
  settings.page = p.page;
  return settings;
}

// A preload that is passed over, and the list that names it.
struct IgnoredPreload {
  Error error;
  const char* list;
};

// They are reported once it is certain that libc's own loader, which reports them itself, does not
// take over (give_way.h).
constinit List<IgnoredPreload> ignored_preloads;

void tell_ignored_preloads() {
  for (const IgnoredPreload& one : ignored_preloads) report_preload_ignored(one.error, one.list);
}

// What musl cannot preload it passes over in silence.
void pass_over(const Error&) {}

void note_variable(const Error& e) { ignored_preloads.add(scratch_arena, {e, "LD_PRELOAD"}); }

void note_option(const Error& e) { ignored_preloads.add(scratch_arena, {e, "--preload"}); }

void note_file(const Error& e) { ignored_preloads.add(scratch_arena, {e, "/etc/ld.so.preload"}); }

// musl's --preload replaces LD_PRELOAD.
void add_preloads(GraphBuilder& builder, const Options& options, LibcRules rules) {
  bool musl = rules == LibcRules::kMusl;
  bool option_replaces = musl && options.preload_option != nullptr;
  if (!option_replaces)
    builder.add_preloads(musl ? options.first_preload_variable : options.preload_variable,
                         musl ? pass_over : note_variable);
  builder.add_preloads(options.preload_option, musl ? pass_over : note_option);
}

// Of glibc's programs; true if there is such a file.
bool add_preloads_of_file(GraphBuilder& builder, LibcRules rules) {
  const char* list = rules == LibcRules::kGlibc ? read_preload_file(permanent_arena) : nullptr;
  if (list == nullptr) return false;
  builder.add_preloads_of_file(list, note_file);
  return true;
}

// Only what is to run must suit the processor.
Status check_isa_levels(const Process& p, const Options& options) {
  if (options.action != Action::kRun || p.search->rules == LibcRules::kMusl) return {};
  for (const Module* m : p.graph.modules) {
    if (Status s = check_isa_level(*m); !s) return s;
  }
  return {};
}

// The kernel checks branch targets for no program that names an interpreter. glibc's rtld makes it
// check them, musl's rtld does not.
void settle_branch_targets(const Module& program, LibcRules rules, PageSize page) {
  int had = program.is_running_executable ? 0 : code_protection(program.features);
  if (rules == LibcRules::kMusl) check_branch_targets(0);
  if (code_protection(program.features) != had) protect_code_again(program, page);
}

}  // namespace

Result<ProgramFound> find_program(Process& p, const Options& options) {
  Result<Module*> program = load_program(p, options, permanent_arena);
  if (!program) return program.error();
  p.graph.program = *program;
  return ProgramFound(p);
}

Result<LibrariesLoaded> load_libraries(ProgramFound&& found, const Options& options) {
  Process& p = found.process();
  Module& program = *p.graph.program;
  p.search = permanent_arena.make<SearchSettings>(settings_for(p, options, program));
  settle_branch_targets(program, p.search->rules, p.page);
  p.binds_now = options.bind_now != nullptr;
  p.sorts_as_before_2_35 =
      p.search->rules == LibcRules::kGlibc && asks_for_older_sort(options.tunables);
  if (options.overrides_weak && p.search->rules == LibcRules::kGlibc)
    p.weak = WeakDefinitions::kGiveWay;
  LibrarySearch search(*p.search, program, permanent_arena);
  bool lists = options.action == Action::kList;
  GraphBuilder builder(p.graph, search, lists ? LibcHandling::kMapped : LibcHandling::kFoundOnly,
                       permanent_arena);
  if (lists) builder.report_missing_to(record_missing_library);
  builder.add_program(program);
  if (Status s = check_requests(p, options); !s) return s.error();
  add_preloads(builder, options, p.search->rules);
  p.has_preload_file = !is_static(program) && add_preloads_of_file(builder, p.search->rules);
  p.graph.preload_count = p.graph.modules.size() - 1;
  Status loaded = builder.load_needed();
  Status within_reach = loaded && !lists ? check_needs(p.graph, p.search->rules) : Status();
  if (!within_reach) {
    search.release_cache();
    return within_reach.error();
  }
  is_glibc_itself(p.graph) ? forget_output() : release_output();
  tell_ignored_preloads();
  if (!loaded) return loaded.error();
  if (Status s = check_isa_levels(p, options); !s) return s.error();
  return LibrariesLoaded(p);
}

Result<Mapped> prepare_objects(LibrariesLoaded&& loaded) {
  Process& p = loaded.process();
  if (Status s = check_entry(*p.graph.program); !s) return s.error();
  if (family_of(p.graph) == LibcFamily::kMusl)
    hide_what_libc_lacks(*p.self, *p.graph.libc, permanent_arena);
  LibrarySearch search(*p.search, *p.graph.program, permanent_arena);
  for (Module* m : p.graph.modules) search.settle_origin(*m);
  std::span<Module* const> modules{p.graph.modules.begin(), p.graph.modules.size()};
  p.constructors = p.sorts_as_before_2_35
                       ? older_constructor_order(modules, permanent_arena, scratch_arena)
                       : constructor_order(modules, p.graph.preload_count, p.search->rules,
                                           permanent_arena, scratch_arena);
  return Mapped(p);
}

}  // namespace ldseal
