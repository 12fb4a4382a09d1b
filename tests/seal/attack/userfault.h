// userfaultfd as an attack: it may fill pages of read-only memory that were never touched.
#pragma once

#include "tracee.h"

std::optional<Answer> fill_missing_pages(Tracee& copy, std::uint64_t start, std::uint64_t end,
                                         std::uint64_t page);
