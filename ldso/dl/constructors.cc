// Order and calls. Every constructor gets argc, argv and the environment, as glibc gives them.
#include "ldso/dl/constructors.h"

#include "arch/native.h"
#include "ldso/base/trace.h"
#include "ldso/dl/open.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/unwinder.h"

namespace ldseal {
namespace {

// The program's run last of all, we have none, and once start-up is over neither may be marked.
bool has_no_constructors_here(const Module& m) {
  return m.kind == ModuleKind::kProgram || m.kind == ModuleKind::kOurselves;
}

// A depth-first walk without recursion: a chain of dependencies may be thousands long.
class PostOrder {
 public:
  PostOrder(List<Module*>& order, Arena& permanent, Arena& scratch)
      : order_(order), permanent_(permanent), scratch_(scratch) {}

  void visit(Module& start) {
    if (start.visited) return;
    start.visited = true;
    stack_.add(scratch_, {&start, 0});
    depth_ = 1;
    while (depth_ > 0) {
      Frame& top = stack_[depth_ - 1];
      if (top.next == top.module->needed.size()) {
        order_.add(permanent_, top.module);
        --depth_;
        continue;
      }
      Module* dependency = top.module->needed[top.next++];
      if (dependency->visited || has_no_constructors_here(*dependency)) continue;
      dependency->visited = true;
      push({dependency, 0});
    }
    stack_.clear();
  }

 private:
  struct Frame {
    Module* module;
    size_t next;
  };
  void push(const Frame& frame) {
    if (depth_ == stack_.size()) {
      stack_.add(scratch_, frame);
    } else {
      stack_[depth_] = frame;
    }
    ++depth_;
  }

  List<Module*>& order_;
  Arena& permanent_;
  Arena& scratch_;
  List<Frame> stack_;
  size_t depth_ = 0;
};

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

// DT_INIT and DT_FINI, where the libc of the process heeds them.
bool heeds_init(const Process& p) {
  return p.runtime.family != LibcFamily::kMusl || Native::kMuslHeedsInit;
}

void construct(const Module& m, const Process& p) {
  const ProcessStack& stack = p.stack;
  if (m.dynamic.init.present && heeds_init(p))
    call_constructor((m.dynamic.init.value + m.bias).value, stack);
  for (uint64_t function : functions(m, m.dynamic.init_array)) call_constructor(function, stack);
  make_unwinder_ready(m);
}

void destroy(const Module& m, const Process& p) {
  trace::tell(Topic::kFiles, {Event::kDestructors, {m.display_name()}});
  std::span<const uint64_t> array = functions(m, m.dynamic.fini_array);
  for (size_t i = array.size(); i > 0; --i) reinterpret_cast<Destructor>(array[i - 1])();
  if (m.dynamic.fini.present && heeds_init(p))
    reinterpret_cast<Destructor>((m.dynamic.fini.value + m.bias).value)();
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

List<Module*> constructor_order(std::span<Module* const> modules, Flavour flavour, Arena& permanent,
                                Arena& scratch) {
  for (Module* m : modules) m->visited = false;
  List<Module*> order;
  PostOrder walk(order, permanent, scratch);
  if (flavour == Flavour::kMusl) {
    walk.visit(*modules[0]);
  }
  for (size_t i = modules.size(); i > 0; --i) walk.visit(*modules[i - 1]);
  List<Module*> ours;
  for (Module* m : order) {
    if (m->kind == ModuleKind::kLibrary) ours.add(permanent, m);
  }
  return ours;
}

Status check_constructors(const Module& m, std::span<Module* const> group) {
  if (Status s = check_functions(group, m, "DT_INIT_ARRAY", m.dynamic.init_array); !s) return s;
  if (Status s = check_functions(group, m, "DT_FINI_ARRAY", m.dynamic.fini_array); !s) return s;
  return check_functions(group, m, "DT_PREINIT_ARRAY", m.dynamic.preinit_array);
}

Status check_constructors(const Process& p) {
  for (const Module* m : p.graph.modules) {
    if (!m->is_ours_to_link()) continue;
    if (Status s = check_constructors(*m, {}); !s) return s;
  }
  return {};
}

void construct_opened(Module& m) {
  if (m.opened->construction != 0) return;
  m.opened->construction = ++opened_objects.constructions;
  trace::tell(Topic::kFiles, {Event::kConstructors, {m.display_name()}});
  construct(m, process);
}

void destroy_opened(Module& m) {
  if (m.opened->construction == 0) return;
  m.opened->construction = 0;
  destroy(m, process);
}

void run_preinitialisers(const Process& p) {
  const Module& program = *p.graph.program;
  for (uint64_t function : functions(program, program.dynamic.preinit_array))
    call_constructor(function, p.stack);
}

void run_library_constructors(const Process& p) {
  for (const Module* m : p.constructors) {
    trace::tell(Topic::kFiles, {Event::kConstructors, {m->display_name()}});
    construct(*m, p);
  }
}

void run_program_constructors(const Process& p) { construct(*p.graph.program, p); }

void run_destructors(const Process& p) {
  bool program_is_first = p.runtime.family != LibcFamily::kMusl;
  if (program_is_first) destroy(*p.graph.program, p);
  run_opened_destructors();
  if (!program_is_first) destroy(*p.graph.program, p);
  for (size_t i = p.constructors.size(); i > 0; --i) destroy(*p.constructors[i - 1], p);
}

}  // namespace ldseal
