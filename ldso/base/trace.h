// What LD_DEBUG shows. Lower layers tell events as data; words/trace_text.cc has the sentences and
// writes them.
#pragma once

#include <cstdint>

namespace ldseal {

// The words of LD_DEBUG, each a bit.
enum class Topic : uint32_t {
  kLibs = 1,
  kFiles = 2,
  kSymbols = 4,
  kBindings = 8,
  kReloc = 16,
  kVersions = 32,
  kTls = 64,
  kStatistics = 128,
  kSeal = 256,
  kThreads = 512,
  kEnd = 1024,  // all topics are below
};

// One value for each line that can be shown; the comment names text[0], text[1], … and number[0], …
enum class Event : uint8_t {
  kFindLibrary,   // library, object that needs it
  kSearchPath,    // list of directories, what the list is, object it is from
  kTryFile,       // path
  kSearchCache,   // cache file
  kFileNeeded,    // library, object that needs it
  kFileMapped,    // path; dynamic, base, size, entry, program headers, their number
  kConstructors,  // object
  kDestructors,   // object
  kTransfer,      // object
  kSymbolLookup,  // symbol, object looked in
  kBinding,       // from, to, symbol, version or null; 1 if the definition's object was fixed
                  // (protected)
  kRelocating,    // object
  kCheckVersion,  // version, file, object that needs it
  kTlsLayout,     // object; size, alignment, offset from the thread pointer
  kStandIn,       // libc's path, its loader's path
  kStatistics,  // -; nanoseconds in all, in mapping, in libc, in linking, in sealing; relocations,
                // relative ones, look-ups, those answered again
  kSealRange,   // class, object; start, end, protection, why it is left (seal/plan.h), errno
  kSealSystem,  // -; the method and the doubt (seal/system_mappings.h)
  kSealed,      // -; ranges, calls, errno
  kGuardMaker,  // -; who makes the guards of threads, why (threads/stack_guards.h)
  kStackGuard,  // -; start, end, kind (threads/stack_guards.h)
};

struct TraceLine {
  Event event;
  const char* text[4] = {};
  uint64_t number[9] = {};
};

namespace trace {

extern uint32_t enabled_topics;
extern void (*sink)(Topic topic, const TraceLine& line);

inline bool on(Topic topic) {
  return __builtin_expect((enabled_topics & static_cast<uint32_t>(topic)) != 0, 0);
}
inline void log(Topic topic, const TraceLine& line) {
  if (on(topic)) sink(topic, line);
}

}  // namespace trace
}  // namespace ldseal
