// Shows what a proof has found.
#pragma once

#include "tools/sealctl/output.h"
#include "tools/sealctl/prove/proof.h"

namespace sealctl::prove {

// A line for each attack and a column for each group, then the mappings whose seal is missing, then
// the sum.
void show_table(const Proof& proof, const Painter& painter);

// The same as one JSON object, with every attempt.
void show_json(const Proof& proof);

}  // namespace sealctl::prove
