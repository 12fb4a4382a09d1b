// dl_iterate_phdr(3). Start-up objects do not change and are reported without a lock, dlopened
// objects with list_lock held. Objects that libc has loaded by itself are reported by libc's own
// function.
#include "ldso/abi/exports.h"
#include "ldso/dl/opened.h"
#include "ldso/process/process.h"
#include "ldso/threads/tls_modules.h"

using namespace ldseal;

namespace ldseal {
namespace {

constinit LibcFunction libcs_iterate;

using Iterate = int(VisitProgramHeaders, void*);

// How many objects have come since the process began, and gone. Every entry of a walk tells the same.
struct Counts {
  uint64_t adds, subs;
};

int take_counts(ProgramHeaderInfo* info, size_t, void* counts) {
  *static_cast<Counts*>(counts) = {info->dlpi_adds, info->dlpi_subs};
  return 1;
}

// Ours, ourselves included, and what libc counts by itself, where the stand-in is one too many.
Counts count_objects() {
  Counts counts = {1, 0};
  auto* iterate = libcs_iterate.find<Iterate>("dl_iterate_phdr");
  if (iterate != nullptr) iterate(take_counts, &counts);
  counts.adds += process.graph.modules.size() + __atomic_load_n(&dlopened.adds, __ATOMIC_RELAXED);
  counts.subs += __atomic_load_n(&dlopened.subs, __ATOMIC_RELAXED);
  return counts;
}

ProgramHeaderInfo describe(const Module& m, const Counts& counts) {
  ProgramHeaderInfo info = {};
  info.dlpi_addr = m.bias.value;
  info.dlpi_name = m.path;
  info.dlpi_phdr = m.segments.headers.data();
  info.dlpi_phnum = static_cast<uint16_t>(m.segments.headers.size());
  info.dlpi_adds = counts.adds;
  info.dlpi_subs = counts.subs;
  info.dlpi_tls_modid = public_tls_id(m);
  info.dlpi_tls_data = tls_data(m);
  return info;
}

// Passes on what libc's function reports, except the stand-in.
struct Filter {
  VisitProgramHeaders visit;
  void* data;
  Counts counts;

  static int pass_on(ProgramHeaderInfo* info, size_t size, void* data) {
    auto* filter = static_cast<Filter*>(data);
    if (info->dlpi_phdr == process.runtime.stand_in_headers) return 0;
    info->dlpi_adds = filter->counts.adds;
    info->dlpi_subs = filter->counts.subs;
    if (info->dlpi_tls_modid != 0) info->dlpi_tls_modid = public_id_of_libcs(info->dlpi_tls_modid);
    return filter->visit(info, size, filter->data);
  }
};

int report(const Module& m, const Filter& filter) {
  if (!is_reported_by_us(m)) return 0;
  ProgramHeaderInfo info = describe(m, filter.counts);
  return filter.visit(&info, sizeof info, filter.data);
}

int report_start_up(const Filter& filter) {
  for (const Module* m : process.graph.modules) {
    if (int stop = report(*m, filter); stop != 0) return stop;
  }
  return report(*process.self, filter);
}

// As in glibc, the list cannot be changed by another thread meanwhile, and the callback may open
// and close objects itself.
int report_opened(const Filter& filter) {
  if (__atomic_load_n(&dlopened.adds, __ATOMIC_ACQUIRE) == 0) return 0;
  LockGuard list(dlopened.list_lock);
  for (size_t i = 0; i < dlopened.modules.size(); ++i) {
    if (int stop = report(*dlopened.modules[i], filter); stop != 0) return stop;
  }
  return 0;
}

int report_libcs(Filter& filter) {
  auto* iterate = libcs_iterate.find<Iterate>("dl_iterate_phdr");
  return iterate == nullptr ? 0 : iterate(&Filter::pass_on, &filter);
}

}  // namespace
}  // namespace ldseal

int dl_iterate_phdr(int (*visit)(ProgramHeaderInfo*, size_t, void*), void* data) {
  Filter filter{visit, data, count_objects()};
  if (int stop = report_start_up(filter); stop != 0) return stop;
  if (int stop = report_opened(filter); stop != 0) return stop;
  return report_libcs(filter);
}
