// Shows what a proof has found.
#pragma once

#include "tools/sealctl/output.h"
#include "tools/sealctl/prove/proof.h"

namespace sealctl::prove {

// A line for each attack and a column for each group, then the attacks on control flow, then the
// mappings whose seal is missing and the objects that are open, then the sum.
void show_table(const Proof& proof, const Painter& painter);

// The attacks on control flow, as a table of its own, and what of each object is open.
void show_control_flow(const ControlFlow& found, const Painter& painter);
void show_open_objects(const ControlFlow& found, const Painter& painter);

// The same as one JSON object, with every attempt.
void show_json(const Proof& proof);

}  // namespace sealctl::prove
