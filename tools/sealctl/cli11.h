// The name that declarations need of CLI11. The library itself costs each file that includes it many seconds to compile.
#pragma once

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}  // namespace CLI
