// Looks for a file in an initramfs, which is one or more cpio archives in a row.
#pragma once

#include <string_view>

#include "tools/sealctl/files.h"

namespace sealctl::doctor {

enum class Archived { kYes, kNo, kCompressed };

// Has the archive a file whose name contains `part`? kCompressed: the part that is not compressed
// (processor microcode, often) has none, and the rest is not read.
Archived find_in_cpio(const Descriptor& file, std::string_view part);

}  // namespace sealctl::doctor
