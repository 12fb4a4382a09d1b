// See filter.h. A filter that answers in the kernel's place, with an error or with a success, needs
// nothing of this: seal/execute.cc sees it.
#include "ldso/seal/filter.h"

#include <linux/mman.h>
#include <linux/seccomp.h>

#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

constexpr int kGetSeccomp = 21;  // PR_GET_SECCOMP

bool is_filtered() { return kernel::process_control(kGetSeccomp, 0).value == SECCOMP_MODE_FILTER; }

// How many filters are in force: proc_pid_status(5). 0: it is not known. The kernel is older than
// Linux 5.9, or /proc cannot be read, or a process in hundreds of groups has a longer text.
uint64_t count_filters() {
  constexpr std::string_view kField = "\nSeccomp_filters:\t";
  char text[3000];
  kernel::Answer file = kernel::open_read_only("/proc/self/status");
  if (file.failed()) return 0;
  kernel::Answer got =
      kernel::read_at(static_cast<int>(file.value), text, sizeof text, FileOffset(0));
  kernel::close(static_cast<int>(file.value));
  if (got.failed()) return 0;
  std::string_view status(text, static_cast<size_t>(got.value));
  size_t at = status.find(kField);
  if (at == std::string_view::npos) return 0;
  uint64_t count = 0;
  for (char c : status.substr(at + kField.size())) {
    if (c < '0' || c > '9') break;
    count = count * 10 + static_cast<uint64_t>(c - '0');
  }
  return count;
}

// A range without a byte: the calls are right, or refused, and do nothing.
void arrange_nothing() {
  kernel::advise(Address(0), ByteCount(0), MADV_NORMAL);
  kernel::move_contents(Address(0), ByteCount(0), Address(0));
}

void seal_nothing() {
  arrange_nothing();
  kernel::seal(Address(0), ByteCount(0));
}

SealFilter ask_children() {
  kernel::Answer ended = kernel::run_in_child(seal_nothing);
  if (ended.failed()) return SealFilter::kNotAsked;
  if (ended.value == 0) return SealFilter::kHarmless;
  bool is_short = kernel::run_in_child(arrange_nothing).value != 0;
  return is_short ? SealFilter::kKillsForMore : SealFilter::kKills;
}

const char* text_of(SealFilter filter) {
  switch (filter) {
    case SealFilter::kKills:
      return "a seccomp filter kills for mseal";
    case SealFilter::kKillsForMore:
      return "a seccomp filter kills for madvise or mremap";
    default:
      return "a seccomp filter may kill for mseal";
  }
}

}  // namespace

void query_filter(Policy& policy) {
  if (!is_filtered()) return;
  policy.filter = ask_children();
  policy.filters = count_filters();
}

Status check_filter(const Policy& policy, const char* object) {
  if (!policy.is_required || !policy.is_filtered_out() || !policy.wants_seals()) return {};
  Error e = fault(Fault::kCannotSeal);
  e.object = object;
  e.field = "memory";
  e.name = text_of(policy.filter);
  return e;
}

void query_filter_again(Policy& policy) {
  if (!policy.seals_anything() || !is_filtered()) return;
  bool is_known = policy.filter != SealFilter::kNone && policy.filters != 0;
  if (!is_known || policy.filters != count_filters()) policy.filter = SealFilter::kNotAsked;
}

}  // namespace ldseal
