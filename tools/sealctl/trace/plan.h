// The plans in a trace of ld-seal: what it sealed, what it left, and why. They are read from the
// lines that LDSEAL_DEBUG=seal,threads makes it write (ldso/words/seal_text.cc, thread_text.cc).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sealctl::trace {

struct Range {
  uint64_t start = 0;
  uint64_t end = 0;
  std::string permissions;  // as in "r-x"
  std::string seal_class;   // "text", "relro", ...
  std::string object;
  bool is_sealed = false;
  std::string reason;  // why it is left; empty if it is sealed

  // Left because the policy does not include it, or because it must change.
  bool is_left_by_policy() const;
};

// What ld-seal did at a start, or when an object was opened later.
struct Plan {
  std::vector<Range> ranges;
  std::vector<std::string> notes;  // other lines: how the vDSO was found, slots that stay writable
  std::string result;              // as in "36 ranges sealed in 8 calls"; empty: there is none
  std::string gave_way;            // why libc's loader took over; empty: it did not

  // ld-seal's own code is in the plan of a start.
  bool is_start() const;
  // Is everything sealed that the policy wants?
  bool is_carried_out() const;
};

// The plans in the text of a trace, in their order. Lines of other topics are left out.
std::vector<Plan> plans_in(std::string_view text);

}  // namespace sealctl::trace
