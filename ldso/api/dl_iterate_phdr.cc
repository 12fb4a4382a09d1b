// dl_iterate_phdr(3), in the order of loading, as libc's own. Start-up objects do not change and
// are reported without a lock, dlopened objects with list_lock held. Objects that libc keeps a
// record of (libc, its rtld, the vDSO, objects that it has loaded alone) are as libc's own function
// reports them.
#include "ldso/abi/exports.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/vdso.h"
#include "ldso/process/process.h"
#include "ldso/threads/tls_modules.h"

using namespace ldseal;

namespace ldseal {
namespace {

// How many objects have come since the process began, and gone: the same in every entry of a walk.
struct Counts {
  uint64_t adds, subs;
};

// What libc's own function reports: the stand-in, and libc's objects at start.
struct LibcsEntries {
  static constexpr size_t kAtStart = 8;
  ProgramHeaderInfo entries[kAtStart];
  size_t count = 0;
  bool has_more = false;

  static int take(ProgramHeaderInfo* info, size_t, void* data) {
    auto* all = static_cast<LibcsEntries*>(data);
    all->has_more = all->count == kAtStart;
    if (!all->has_more) all->entries[all->count++] = *info;
    return all->has_more ? 1 : 0;
  }
  // Once libc is led to us (dl/libc_opens.h), its list does not change any more. So it is not asked
  // again: rtld's lock may be held by a thread that the child of a fork(2) does not have. False: it
  // must be asked.
  bool take_recorded() {
    std::span<const ProgramHeaderInfo> recorded = process.runtime.reported;
    bool does_change = process.runtime.rtld.open == nullptr;
    if (does_change || recorded.empty() || recorded.size() > kAtStart) return false;
    for (const ProgramHeaderInfo& from : recorded) {
      ProgramHeaderInfo& entry = entries[count++] = from;
      uint64_t place = thread_pointer() + Address(from.dlpi_tls_data).value;
      if (from.dlpi_tls_data != nullptr) entry.dlpi_tls_data = Address(place).as<void>();
    }
    return true;
  }
  const ProgramHeaderInfo* find(Address bias) const {
    for (size_t i = 0; i < count; ++i) {
      bool is_stand_in = entries[i].dlpi_phdr == process.runtime.stand_in_headers;
      if (!is_stand_in && entries[i].dlpi_addr == bias.value) return &entries[i];
    }
    return nullptr;
  }
};

// Our objects, ld-seal included, and what libc counts by itself, where the stand-in is one too
// many.
Counts count_objects(const LibcsEntries& libcs) {
  Counts counts = {1, 0};
  if (libcs.count != 0) counts = {libcs.entries[0].dlpi_adds, libcs.entries[0].dlpi_subs};
  counts.adds += process.graph.modules.size() + __atomic_load_n(&dlopened.adds, __ATOMIC_RELAXED);
  counts.subs += __atomic_load_n(&dlopened.subs, __ATOMIC_RELAXED);
  return counts;
}

ProgramHeaderInfo describe(const Module& m, const Counts& counts) {
  ProgramHeaderInfo info = {};
  info.dlpi_addr = m.bias.value;
  info.dlpi_name = m.link_map == nullptr ? m.path : m.link_map->l_name;
  info.dlpi_phdr = m.segments.headers.data();
  info.dlpi_phnum = static_cast<uint16_t>(m.segments.headers.size());
  info.dlpi_adds = counts.adds;
  info.dlpi_subs = counts.subs;
  info.dlpi_tls_modid = public_tls_id(m);
  info.dlpi_tls_data = tls_data(m);
  return info;
}

bool is_start_ups(Address bias) {
  for (const Module* m : process.graph.modules) {
    if (Address(m->bias.value) == bias) return true;
  }
  const Module* vdso = described_vdso();
  return vdso != nullptr && Address(vdso->bias.value) == bias;
}

// One walk.
class Walk {
 public:
  Walk(VisitProgramHeaders visit, void* data) : visit_(visit), data_(data) {
    if (!libcs_.take_recorded()) ask();
    counts_ = count_objects(libcs_);
  }

  int run() {
    if (int stop = report_start_up(); stop != 0) return stop;
    if (int stop = report_libcs_others(); stop != 0) return stop;
    return report_opened();
  }

 private:
  void ask() {
    if (IterateProgramHeaders* iterate = libcs_iterate()) iterate(LibcsEntries::take, &libcs_);
  }
  int report(const Module& m) {
    if (!is_reported_by_us(m)) return report_libcs(m);
    ProgramHeaderInfo info = describe(m, counts_);
    return visit_(&info, sizeof info, data_);
  }
  int report_libcs(const Module& m) {
    const ProgramHeaderInfo* told = libcs_.find(Address(m.bias.value));
    return told == nullptr ? 0 : pass_on(*told, sizeof *told);
  }
  int pass_on(ProgramHeaderInfo info, size_t size) {
    info.dlpi_adds = counts_.adds;
    info.dlpi_subs = counts_.subs;
    info.dlpi_tls_modid = public_id_of_libcs(info.dlpi_tls_modid);
    return visit_(&info, size, data_);
  }

  int report_start_up() {
    bool vdso_is_last = process.runtime.family == LibcFamily::kMusl;
    for (const Module* m : process.graph.modules) {
      if (int stop = report(*m); stop != 0) return stop;
      bool comes_next = m == process.graph.program && !vdso_is_last;
      if (int stop = comes_next ? report_vdso() : 0; stop != 0) return stop;
    }
    if (int stop = vdso_is_last ? report_vdso() : 0; stop != 0) return stop;
    return report(*process.self);
  }
  int report_vdso() {
    const Module* vdso = described_vdso();
    return vdso == nullptr ? 0 : report_libcs(*vdso);
  }

  // libc may close them meanwhile, so it is asked once more.
  int report_libcs_others() {
    IterateProgramHeaders* iterate = libcs_iterate();
    return iterate == nullptr || !has_others() ? 0 : iterate(pass_on_other, this);
  }
  bool has_others() const {
    if (libcs_.has_more) return true;
    for (size_t i = 0; i < libcs_.count; ++i) {
      if (is_other(libcs_.entries[i])) return true;
    }
    return false;
  }
  static bool is_other(const ProgramHeaderInfo& info) {
    return info.dlpi_phdr != process.runtime.stand_in_headers &&
           !is_start_ups(Address(info.dlpi_addr));
  }
  static int pass_on_other(ProgramHeaderInfo* info, size_t size, void* walk) {
    return is_other(*info) ? static_cast<Walk*>(walk)->pass_on(*info, size) : 0;
  }

  // As in glibc, the list cannot be changed by another thread meanwhile, and the callback may open
  // and close objects itself.
  int report_opened() {
    if (__atomic_load_n(&dlopened.adds, __ATOMIC_ACQUIRE) == 0) return 0;
    LockGuard list(list_lock);
    for (size_t i = 0; i < dlopened.modules.size(); ++i) {
      if (int stop = report(*dlopened.modules[i]); stop != 0) return stop;
    }
    return 0;
  }

  VisitProgramHeaders visit_;
  void* data_;
  LibcsEntries libcs_;
  Counts counts_ = {};
};

}  // namespace
}  // namespace ldseal

int dl_iterate_phdr(int (*visit)(ProgramHeaderInfo*, size_t, void*), void* data) {
  return Walk(visit, data).run();
}
