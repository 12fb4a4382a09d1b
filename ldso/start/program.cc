// See program.h.
#include "ldso/start/program.h"

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/image/map_file.h"
#include "ldso/mem/arenas.h"
#include "ldso/start/mapped_program.h"
#include "ldso/start/self_relocate.h"

extern "C" const char _start[];

namespace ldseal {
namespace {

Result<Module*> map_named_program(Process& p, const char* path, Arena& permanent) {
  Result<ElfFile> object = ElfFile::open(path, p.page, permanent);
  if (!object) return object.error();
  auto* program = permanent.make<Module>();
  program->kind = ModuleKind::kProgram;
  program->file_path = path;
  if (Status s = map_object(*program, *object, p.page, permanent); !s) return s.error();
  // No libc knows a program by its file, because no libc asks for the file that the kernel mapped.
  program->identity = {};
  if (program->span.contains(program->entry)) {
    if (Status s = use_mapped_headers(*program, object->header(), p.page, permanent); !s)
      return s.error();
  }
  p.stack.set(AT_PHDR, reinterpret_cast<uintptr_t>(program->segments.headers.data()));
  p.stack.set(AT_PHNUM, program->segments.headers.size());
  p.stack.set(AT_ENTRY, program->entry.value);
  // A program that relocates itself expects what the kernel gives it, which is AT_BASE 0.
  p.stack.set(AT_BASE, is_static(*program) ? 0 : p.self->bias.value);
  p.stack.set(AT_EXECFN, reinterpret_cast<uintptr_t>(path));
  return program;
}

}  // namespace

Status use_mapped_headers(Module& module, const Ehdr& header, PageSize page, Arena& permanent) {
  ByteCount size(header.e_phnum * sizeof(Phdr));
  for (const Phdr& ph : module.segments.headers) {
    bool is_readable = ph.p_type == PT_LOAD && (ph.p_flags & PF_R) != 0;
    if (!is_readable || header.e_phoff < ph.p_offset) continue;
    if (!range_fits(header.e_phoff - ph.p_offset, size.value, ph.p_filesz)) continue;
    Address at = Vaddr(ph.p_vaddr + (header.e_phoff - ph.p_offset)) + module.bias;
    // Another segment may have been mapped over them.
    const void* inspected = module.segments.headers.data();
    if (__builtin_memcmp(at.as<const void>(), inspected, size.value) != 0) continue;
    return describe_in_memory(module, {at.as<const Phdr>(), header.e_phnum}, module.bias, page,
                              permanent);
  }
  Error e = fault(Fault::kProgramHeadersNotMapped);
  e.object = module.file_path;
  return e;
}

Status describe_self(Process& p) {
  auto* self = permanent_arena.make<Module>();
  self->kind = ModuleKind::kSelf;
  self->soname = self->needed_as = Native::kLoaderName;
  const Ehdr* header = own_header();
  Address start(header);
  ProgramHeaders headers((start + ByteCount(header->e_phoff)).as<const Phdr>(), header->e_phnum);
  p.self = self;
  const char* started_as = Address(p.stack.value(AT_EXECFN)).as<const char>();
  bool is_known = started_as_command(p.stack) && started_as != nullptr;
  self->path = self->file_path = is_known ? started_as : Native::kLoaderName;
  return describe_in_memory(*self, headers, LoadBias(start.value), p.page, permanent_arena);
}

bool started_as_command(const ProcessStack& stack) {
  return stack.value(AT_ENTRY) == reinterpret_cast<uintptr_t>(_start);
}

Result<Module*> load_program(Process& p, const Options& options, Arena& permanent) {
  Result<Module*> program = options.is_command ? map_named_program(p, options.program, permanent)
                                               : describe_mapped_program(p, permanent);
  if (!program) return program;
  const char* interpreter = interpreter_path(**program);
  if (interpreter == nullptr) return program;
  // Under whatever name the kernel has found us. A program on our command line may name another
  // loader.
  bool is_ours = !options.is_command || file_name(interpreter) == Native::kLoaderName;
  if (is_ours) p.self->path = p.self->file_path = interpreter;
  return program;
}

bool is_glibc_itself(const Graph& graph) {
  const char* soname = graph.program->soname;
  return soname != nullptr && equal(soname, "libc.so.6") && graph.libc == nullptr &&
         graph.libc_rtld != nullptr;
}

bool is_static(const Module& program) {
  if (program.segments.interpreter != nullptr) return false;
  for (const Dyn& entry : program.dynamic.entries) {
    if (entry.d_tag == DT_NEEDED) return false;
  }
  return true;
}

}  // namespace ldseal
