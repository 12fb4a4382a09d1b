// Users by their names, read from passwd(5) itself: a static program has no other databases.
#pragma once

#include <optional>
#include <string_view>
#include <sys/types.h>

namespace sealctl {

// The number of a user. `name` may be the number. None: /etc/passwd does not have the name.
std::optional<uid_t> user_named(std::string_view name);

}  // namespace sealctl
