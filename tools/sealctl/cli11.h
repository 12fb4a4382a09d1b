// The name that declarations need of CLI11. A file that includes the library itself takes many
// seconds to compile.
#pragma once

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}  // namespace CLI
