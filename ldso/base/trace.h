// The events that LD_DEBUG shows. Lower layers pass them on as data; words/trace_text.cc has the
// sentences and writes the lines.
#pragma once

#include <cstdint>

namespace ldseal {

// The topics of LD_DEBUG, each one bit.
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
  kUnused = 1024,  // of a listing: what is needed and not used
  kScopes = 2048,
  kEnd = kScopes << 1,  // all topics are below
};

// One value for each line of a trace. A comment names its texts; then its numbers.
enum class Event : uint8_t {
  kFindLibrary,       // library, object that needs it
  kSearchPath,        // list of directories, kind of the list, object that has the list
  kTryFile,           // path
  kSearchCache,       // cache file
  kFileNeeded,        // library, object that needs it
  kFileMapped,        // path; dynamic, base, size, entry, program headers, their number
  kConstructors,      // object
  kDestructors,       // object
  kTransfer,          // object
  kSymbolLookup,      // symbol, object looked in
  kBinding,           // from, to, symbol, version or null; 1 if no other object can preempt the
                      // definition (protected)
  kRelocating,        // object
  kCheckVersion,      // version, file, object that needs it
  kBlank,             // -
  kScopesAtStart,     // -
  kScopesOf,          // object
  kScope,             // its objects; number of the scope
  kNoScope,           // -
  kIntoGlobalScope,   // object
  kTlsLayout,         // object; size, alignment, offset from the thread pointer
  kDlError,           // dlerror(3)'s error in our own words
  kNoBranchTargets,   // object
  kStandIn,           // libc's path, its loader's path
  kLibcOpensByUs,     // libc
  kLibcOpensAlone,    // libc, why
  kPreloadFileShown,  // libc's loader
  kGivesWay,          // libc's loader, why
  kStatistics,  // -; nanoseconds in all, in mapping, in libc, in linking, in sealing; relocations,
                // relative ones, look-ups, those answered again
  kSealRange,   // class, object; start, end, protection, verdict (seal/plan.h), errno
  kSealSystem,  // -; method and doubt (seal/system_mappings.h)
  kCodeFinal,   // -; errno
  kSlotsLeft,   // object; slots that stay writable, all slots, why (seal/plt.h), errno
  kSealed,      // -; ranges, calls, errno, reason if nothing is sealed
  kGuardMaker,  // -; maker of the guards of threads, reason (threads/stack_guards.h)
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
