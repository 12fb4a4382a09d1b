// See constructors.h. Every constructor gets argc, argv and the environment, as glibc gives them.
#include "ldso/dl/constructors.h"

#include "arch/native.h"
#include "ldso/base/trace.h"
#include "ldso/dl/lifecycle.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/opened_order.h"
#include "ldso/dl/unwinder.h"
#include "ldso/image/relro.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

using Constructor = void (*)(long, char**, char**);
using Destructor = void (*)();

void call_constructor(uint64_t function, const ProcessStack& stack) {
  reinterpret_cast<Constructor>(function)(static_cast<long>(stack.argument_count()),
                                          stack.arguments, stack.environment);
}

std::span<const uint64_t> functions(const Module& m, const Table& table) {
  if (table.size.value == 0) return {};
  return {(table.start + m.bias).as<const uint64_t>(), table.size.value / 8};
}

// Does the libc of the process run DT_INIT and DT_FINI?
bool runs_init(const Process& p) {
  return p.runtime.family != LibcFamily::kMusl || Native::kMuslHeedsInit;
}

void construct(const Module& m, const Process& p) {
  const ProcessStack& stack = p.stack;
  if (m.dynamic.init.present && runs_init(p))
    call_constructor((m.dynamic.init.value + m.bias).value, stack);
  for (uint64_t function : functions(m, m.dynamic.init_array)) call_constructor(function, stack);
  make_unwinder_ready(m);
}

bool is_code(const Module& m, Address a) {
  return find_load(m.segments.headers, a - m.bias, ByteCount(1), PF_X) != nullptr;
}

const Module* object_among(std::span<Module* const> group, Address address) {
  for (const Module* m : group) {
    if (m->span.contains(address)) return m;
  }
  return object_at(address);
}

Status check_functions(std::span<Module* const> group, const Module& m, const char* field,
                       const Table& table) {
  for (uint64_t function : functions(m, table)) {
    if (is_code(m, Address(function))) continue;
    const Module* other = object_among(group, Address(function));
    if (other != nullptr && is_code(*other, Address(function))) continue;
    Error e = fault(Fault::kFunctionOutside);
    e.object = m.display_name();
    e.field = field;
    e.found = function;
    return e;
  }
  return {};
}

}  // namespace

Status check_constructors(const Module& m, std::span<Module* const> group) {
  if (Status s = check_functions(group, m, "DT_INIT_ARRAY", m.dynamic.init_array); !s) return s;
  if (Status s = check_functions(group, m, "DT_FINI_ARRAY", m.dynamic.fini_array); !s) return s;
  return check_functions(group, m, "DT_PREINIT_ARRAY", m.dynamic.preinit_array);
}

Status check_constructors(const Process& p, Arena& permanent) {
  for (Module* m : p.graph.modules) {
    if (!m->is_linked_by_us()) continue;
    if (Status s = check_constructors(*m, {}); !s) return s;
    keep_destructors(*m, permanent);
  }
  return {};
}

void keep_destructors(Module& m, Arena& arena) {
  std::span<const uint64_t> array = functions(m, m.dynamic.fini_array);
  if (array.empty()) return;
  AddressRange relro = relro_pages(m.segments, m.bias, process.page);
  AddressRange place{Address(array.data()), Address(array.data() + array.size())};
  bool is_read_only = place.start >= relro.start && place.end <= relro.end;
  if (is_read_only) return;
  auto* copy = arena.make_array<uint64_t>(array.size());
  for (size_t i = 0; i < array.size(); ++i) copy[i] = array[i];
  m.dynamic.fini_array.start = Address(copy) - m.bias;
}

// The RELRO of an object that may be closed is not sealed: who makes system calls can write there.
static void check_destructor(const Module& m, Address function) {
  if (m.dlopen_state == nullptr || is_code(m, function)) return;
  LockGuard guard(dl_lock);
  const Module* other = object_at(function);
  if (other != nullptr && is_code(*other, function)) return;
  kernel::die("ld-seal: a destructor was overwritten with what is no code\n");
}

bool are_destructors_its_own(const Module& m) {
  auto is_own = [&](Address function) {
    return is_code(m, function) && object_at(function) == nullptr;
  };
  for (uint64_t function : functions(m, m.dynamic.fini_array)) {
    if (!is_own(Address(function))) return false;
  }
  return !m.dynamic.fini.present || is_own(m.dynamic.fini.value + m.bias);
}

void destroy(const Module& m, const Process& p) {
  trace::log(Topic::kFiles, {Event::kDestructors, {m.display_name()}});
  std::span<const uint64_t> array = functions(m, m.dynamic.fini_array);
  for (size_t i = array.size(); i > 0; --i) {
    check_destructor(m, Address(array[i - 1]));
    reinterpret_cast<Destructor>(array[i - 1])();
  }
  if (m.dynamic.fini.present && runs_init(p))
    reinterpret_cast<Destructor>((m.dynamic.fini.value + m.bias).value)();
}

void construct_once(Module& m) {
  if (!begin_construction(m)) return;
  trace::log(Topic::kFiles, {Event::kConstructors, {m.display_name()}});
  construct(m, process);
  end_construction(m);
}

void destroy_once(Module& m) {
  if (begin_destruction(m)) destroy(m, process);
}

void run_first_constructors(const Process& p) {
  Module* first = first_to_initialise({p.graph.modules.begin(), p.graph.modules.size()});
  if (first == nullptr) return;
  keep_states_of_start_up();
  construct_once(*first);
}

void run_preinitialisers(const Process& p) {
  const Module& program = *p.graph.program;
  for (uint64_t function : functions(program, program.dynamic.preinit_array))
    call_constructor(function, p.stack);
}

void run_library_constructors(const Process& p) {
  for (Module* m : p.constructors) construct_once(*m);
}

void leave_program_to_libc(const Process& p) {
  begin_construction(*p.graph.program);
  end_construction(*p.graph.program);
}

void run_program_constructors(const Process& p) { construct_once(*p.graph.program); }

}  // namespace ldseal
