// See final_code.h.
#include "ldso/seal/final_code.h"

#include "ldso/base/trace.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

// <linux/prctl.h>; headers before Linux 6.3 lack them.
constexpr int kSetMdwe = 65;
constexpr unsigned long kRefuseExecGain = 1, kNoInherit = 2;

// Where it is in force already, inherited, the kernel takes the same bits only.
kernel::Answer ask() {
  kernel::Answer answer = kernel::process_control(kSetMdwe, kRefuseExecGain | kNoInherit);
  return answer.failed() ? kernel::process_control(kSetMdwe, kRefuseExecGain) : answer;
}

}  // namespace

Status make_code_final(const Policy& policy) {
  if (!policy.seals(SealClass::kWx)) return {};
  int error_number = ask().error_number();
  trace::log(Topic::kSeal, {Event::kCodeFinal, {}, {static_cast<uint64_t>(error_number)}});
  if (error_number == 0 || !policy.is_required) return {};
  Error e = fault(Fault::kCodeNotFinal);
  e.error_number = error_number;
  return e;
}

void make_code_final_in_child(const Policy& policy) {
  if (policy.seals(SealClass::kWx)) ask();
}

}  // namespace ldseal
