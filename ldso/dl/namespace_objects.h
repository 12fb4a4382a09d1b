// The objects that libc's rtld has loaded by itself: those of other namespaces (dlmopen(3)), and of
// the program's where libc's openings are not led to us (libc_opens.h). rtld keeps its records of
// them in memory that anyone may write, so ld-seal keeps its own, and runs their destructors at
// exit. rtld's function for that is never called.
#pragma once

#include <span>

#include "ldso/abi/link.h"
#include "ldso/image/module.h"

namespace ldseal {

struct DlopenGroup;  // dl/opened.h

struct NamespaceObject {
  const LinkMap* map;
  const LinkMap* first;  // of the list that the object is in: which namespace
  Module* module;
  DlopenGroup* group;  // the memory of its description
  bool is_entered;     // by the walk at exit
};

// Describes what is new in the list of rtld's that `map` is in. Returns the new objects, in the
// order of loading. dl_lock is held, within a RecordChange.
std::span<const NamespaceObject> note_namespace_objects(const LinkMap& map);
// Forgets what rtld has unloaded. In the same way.
void forget_closed_namespace_objects();

// At exit: in the order in which rtld would do it.
void destroy_namespace_objects();

}  // namespace ldseal
