#include "tests/lib_cc/made_up_process.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "ldso/dl/rendezvous.h"
#include "ldso/mem/mapping.h"
#include "tests/lib_cc/host_libc.h"

namespace ldseal::testing_tools {
namespace {

constexpr size_t kMostObjects = 128;

// An object's functions know it by its number.
struct Object {
  std::string name;
  std::function<void()> on_destruction;
};
std::array<Object, kMostObjects> objects;
size_t object_count = 0;
std::vector<std::string> calls_made;

template <size_t number>
void construct(long, char**, char**) {
  calls_made.push_back("+" + objects[number].name);
}

template <size_t number>
void destroy() {
  calls_made.push_back("-" + objects[number].name);
  if (objects[number].on_destruction) objects[number].on_destruction();
}

struct Functions {
  void (*construct)(long, char**, char**);
  void (*destroy)();
};

template <size_t... numbers>
constexpr std::array<Functions, kMostObjects> all_functions(std::index_sequence<numbers...>) {
  return {Functions{construct<numbers>, destroy<numbers>}...};
}
const std::array<Functions, kMostObjects> functions =
    all_functions(std::make_index_sequence<kMostObjects>());

Table table_of(const void* first) {
  return {Vaddr(reinterpret_cast<uintptr_t>(first)), ByteCount(sizeof(uint64_t))};
}

// Debuggers' list is never empty: what is opened stands behind this.
void begin_link_map() {
  static LinkMap head;
  static bool has_begun = false;
  if (!std::exchange(has_begun, true)) append_link_map(head);
}

// The functions of the objects are in the test program: all memory counts as an object's code.
constexpr Phdr kCode = {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_memsz = UINT64_MAX / 2};

uintptr_t no_arguments[] = {0, 0, 0, 0, 0};  // argc, and the ends of argv, environment and auxv

}  // namespace

MadeUpProcess::MadeUpProcess(LibcFamily family) {
  if (process.graph.program != nullptr) throw std::logic_error("there is a process already");
  begin_link_map();
  calls_made.clear();
  process.page = host_page();
  process.stack = read_process_stack(no_arguments);
  process.runtime.family = family;
  process.graph.program = &make("program", ModuleKind::kProgram, arena_);
  process.self = &make("ld-seal.so.1", ModuleKind::kSelf, arena_);
  start_up_.push_back(process.graph.program);
  arrange();
}

MadeUpProcess::~MadeUpProcess() {
  DlopenedObjects& o = dlopened;
  for (Module* m : o.modules) {
    remove_link_map(*m->link_map);
    Mapping::owning(m->span);
    DlopenGroup* group = m->dlopen_state->group;
    release_state(*m);
    if (--group->live != 0) continue;
    group->~DlopenGroup();
    record_heap.release(group, sizeof(DlopenGroup), alignof(DlopenGroup));
  }
  if (module_table.reserve(0)) module_table.replace({});
  for (Module* m : process.scope_order) {
    if (o.start_up != nullptr) release_lists(o.start_up[m->scope_position]);
  }
  if (o.start_up != nullptr)
    heap.release(o.start_up[0].life, process.scope_order.size() * sizeof(Lifecycle));
  record_heap.release(o.start_up, process.scope_order.size() * sizeof(HandleState));
  o.start_up = nullptr;
  o.modules.release();
  o.global.release();
  o.unique.release();
  o.adds = o.subs = 0;
  dl_progress = {};
  process.graph.program = process.self = process.graph.libc = nullptr;
  process.graph.modules = process.scope_order = process.constructors = process.by_address = {};
  process.graph.identities = {};
  process.runtime = {};
  for (Object& object : objects) object = {};
  object_count = 0;
}

Module& MadeUpProcess::make(const std::string& name, ModuleKind kind, Arena& arena) {
  size_t number = object_count++;
  objects.at(number).name = name;
  Module& m = *arena.make<Module>();
  m.kind = kind;
  m.file_path = arena.copy("/made-up/" + name);
  m.path = kind == ModuleKind::kProgram ? "" : m.file_path;
  m.needed_as = m.soname = arena.copy(name);
  m.needed_by = process.graph.program;
  m.dynamic.init_array = table_of(&functions[number].construct);
  m.dynamic.fini_array = table_of(&functions[number].destroy);
  m.segments.headers = {&kCode, 1};
  return m;
}

// We stand directly before libc in the global scope.
void MadeUpProcess::arrange() {
  process.graph.modules = process.scope_order = {};
  for (Module* m : start_up_) {
    m->position = static_cast<uint32_t>(process.graph.modules.size());
    process.graph.modules.add(arena_, m);
    if (m->kind == ModuleKind::kLibc) process.scope_order.add(arena_, process.self);
    process.scope_order.add(arena_, m);
  }
  if (process.graph.libc == nullptr) process.scope_order.add(arena_, process.self);
  uint32_t position = 0;
  for (Module* m : process.scope_order) m->scope_position = position++;
}

Module& MadeUpProcess::add_library(const std::string& name) {
  Module& m = make(name, ModuleKind::kLibrary, arena_);
  start_up_.push_back(&m);
  arrange();
  return m;
}

void MadeUpProcess::add_libc(Module& libc) {
  process.graph.libc = &libc;
  start_up_.push_back(&libc);
  arrange();
}

std::vector<Module*> MadeUpProcess::open(const std::vector<std::string>& names) {
  DlopenedObjects& o = dlopened;
  DlopenGroup* group = &begin_group();
  std::vector<Module*> opened;
  for (const std::string& name : names) {
    Module& m = make(name, ModuleKind::kLibrary, group->arena);
    m.span = std::move(*Mapping::anonymous(ByteCount(process.page.value))).keep_forever();
    Module* const itself[] = {&m};
    TemporaryArena scratch;
    number_objects(itself, scratch);
    add_state(m, *group, opened.empty() ? m : *opened[0]);
    append_link_map(*m.link_map);
    if (!o.modules.add(&m)) throw std::bad_alloc();
    ++group->live;
    ++o.adds;
    opened.push_back(&m);
  }
  if (!module_table.reserve(o.modules.size())) throw std::bad_alloc();
  module_table.replace({o.modules.begin(), o.modules.size()});
  opened[0]->dlopen_state->handles = 1;
  return opened;
}

void MadeUpProcess::need(Module& module, Module& needed) {
  Arena* arena = &arena_;
  if (module.dlopen_state != nullptr) arena = &module.dlopen_state->group->arena;
  module.needed.add(*arena, &needed);
}

void MadeUpProcess::refer(Module& module, Module& other) {
  note_binding(module, other, dependencies(module));
}

std::vector<std::string> MadeUpProcess::calls() const { return calls_made; }
void MadeUpProcess::forget_calls() { calls_made.clear(); }

void MadeUpProcess::on_destruction(const Module& module, std::function<void()> action) {
  for (Object& object : objects) {
    if (object.name == module.soname) object.on_destruction = std::move(action);
  }
}

}  // namespace ldseal::testing_tools
