// `sealctl status`: what is adopted, and whether it is still as sealctl left it. Changes nothing.
#pragma once

#include "tools/sealctl/adopt/root.h"
#include "tools/sealctl/failure.h"

namespace sealctl {

// Prints lines for people. kFinding if something is half done, replaced, changed or lost.
ExitStatus print_status(const Root& root);

// The same as one JSON object, with "schema": 1.
ExitStatus print_status_json(const Root& root);

}  // namespace sealctl
