// See json.h.
#include "tools/sealctl/json.h"

#include <fmt/format.h>

namespace sealctl {

Json json_document() { return Json{{"schema", kJsonSchema}}; }

void print_json(const Json& document) {
  constexpr int kIndent = 2;
  fmt::print("{}\n", document.dump(kIndent, ' ', false, Json::error_handler_t::replace));
}

}  // namespace sealctl
