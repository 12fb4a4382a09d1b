// Shows the plans of a traced run.
#pragma once

#include <string>
#include <vector>

#include "tools/sealctl/output.h"
#include "tools/sealctl/trace/traced_run.h"

namespace sealctl::trace {

// A table for each plan, with its notes and its result.
void show_table(const TracedRun& run, const std::vector<std::string>& command,
                const Painter& painter);

// The same as one JSON object.
void show_json(const TracedRun& run, const std::vector<std::string>& command);

}  // namespace sealctl::trace
