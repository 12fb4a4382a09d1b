// See lifecycle.h.
#include "ldso/dl/lifecycle.h"

#include "ldso/dl/opened.h"
#include "ldso/process/process.h"

namespace ldseal {

namespace {

// Null: an object of start-up, and nothing was opened yet.
Lifecycle* lifecycle(Module& m) {
  if (m.dlopen_state == nullptr && dlopened.start_up == nullptr) return nullptr;
  return handle_state(m).life;
}

}  // namespace

bool begin_construction(Module& m) {
  DlProgress& o = dl_progress;
  if (m.dlopen_state != nullptr) keep_states_of_start_up();
  Lifecycle* life = lifecycle(m);
  if (life == nullptr) {
    ++o.constructions;
    o.is_constructing = true;
    return true;
  }
  if (life->stage != Stage::kNew) return false;
  life->construction = ++o.constructions;
  life->stage = Stage::kUnderConstruction;
  return true;
}

void end_construction(Module& m) {
  dl_progress.is_constructing = false;
  Lifecycle* life = lifecycle(m);
  if (life != nullptr && life->stage == Stage::kUnderConstruction)
    life->stage = Stage::kConstructed;
}

bool begin_destruction(Module& m) {
  Lifecycle& life = *handle_state(m).life;
  bool half_is_enough = process.runtime.family != LibcFamily::kMusl;
  bool has_begun = life.stage == Stage::kUnderConstruction && half_is_enough;
  if (life.stage != Stage::kConstructed && !has_begun) return false;
  life.stage = Stage::kDestroyed;
  return true;
}

std::span<Module* const> begun_at_start_up() {
  const Process& p = process;
  const DlProgress& o = dl_progress;
  size_t count = o.constructions < p.constructors.size() ? o.constructions : p.constructors.size();
  if (o.is_constructing && p.runtime.family == LibcFamily::kMusl && count > 0) --count;
  return {p.constructors.begin(), count};
}

bool program_has_begun() {
  const DlProgress& o = dl_progress;
  bool has_begun = o.constructions > process.constructors.size();
  return has_begun && !(o.is_constructing && process.runtime.family == LibcFamily::kMusl);
}

}  // namespace ldseal
