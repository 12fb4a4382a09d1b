// See plan.h. A line is "PID:\ttext". Those of a plan end with its result.
#include "tools/sealctl/trace/plan.h"

#include <algorithm>
#include <array>
#include <optional>

#include "tools/sealctl/text.h"

namespace sealctl::trace {
namespace {

constexpr int kHexadecimal = 16;
constexpr std::string_view kSeal = "seal: ", kThreads = "threads: ";
constexpr std::string_view kGivesWay =
    " takes over, and nothing but the kernel's own mappings is sealed: ";

// START-END rwx CLASS sealed|left OBJECT (REASON)
std::optional<Range> range_in(std::string_view line) {
  Range range;
  const auto start = number_in<uint64_t>(take(line, '-'), kHexadecimal);
  const auto end = number_in<uint64_t>(take(line, ' '), kHexadecimal);
  if (!start || !end) return std::nullopt;
  range.start = *start;
  range.end = *end;
  range.permissions = take(line, ' ');
  range.seal_class = take(line, ' ');
  const std::string_view verdict = take(line, ' ');
  range.is_sealed = verdict == "sealed";
  if (!range.is_sealed && verdict != "left") return std::nullopt;
  const size_t reason = line.rfind(" (");
  if (!range.is_sealed && reason != line.npos && line.ends_with(')')) {
    range.reason = line.substr(reason + 2);
    range.reason.pop_back();
    line = line.substr(0, reason);
  }
  range.object = line;
  return range;
}

// "36 ranges sealed in 8 calls", and "not sealed: the policy is off".
bool is_result(std::string_view line) {
  return line.find(" ranges sealed in ") != line.npos || line.starts_with("not sealed: ");
}

class Reader {
 public:
  void read(std::string_view line) {
    if (line.starts_with(kSeal)) {
      read_seal_line(line.substr(kSeal.size()));
    } else if (line.starts_with(kThreads) || line.starts_with("vDSO and vvar: ")) {
      (line.starts_with(kThreads) ? latest() : current()).notes.emplace_back(line);
    } else if (const size_t at = line.find(kGivesWay); at != line.npos) {
      latest().gave_way = line.substr(at + kGivesWay.size());
    }
  }

  std::vector<Plan> take_plans() { return std::move(plans_); }

 private:
  // The plan that has no result yet.
  Plan& current() {
    if (plans_.empty() || !plans_.back().result.empty()) plans_.emplace_back();
    return plans_.back();
  }

  // The plan that a line belongs to which may come after the result.
  Plan& latest() { return plans_.empty() ? current() : plans_.back(); }

  void read_seal_line(std::string_view line) {
    if (auto range = range_in(line)) {
      current().ranges.push_back(*std::move(range));
    } else if (is_result(line)) {
      current().result = line;
    } else if (line.starts_with("code is final") || line.starts_with("memory may become")) {
      latest().notes.emplace_back(line);
    } else {
      current().notes.emplace_back(line);
    }
  }

  std::vector<Plan> plans_;
};

}  // namespace

bool Range::is_left_by_policy() const {
  constexpr std::array<std::string_view, 4> kByPolicy = {"class is off", "changes at run time",
                                                         "mutable", "unreadable"};
  return std::ranges::find(kByPolicy, reason) != kByPolicy.end();
}

bool Plan::is_start() const {
  const auto ours = std::ranges::find(ranges, "loader", &Range::seal_class);
  const auto is_our_code = [&](const Range& r) {
    return r.seal_class == "text" && r.object == ours->object;
  };
  return !gave_way.empty() || (ours != ranges.end() && std::ranges::any_of(ranges, is_our_code));
}

bool Plan::is_carried_out() const {
  if (!gave_way.empty() || result.find("not sealed: ") != result.npos) return false;
  return std::ranges::all_of(ranges,
                             [](const Range& r) { return r.is_sealed || r.is_left_by_policy(); });
}

std::vector<Plan> plans_in(std::string_view text) {
  Reader reader;
  while (!text.empty()) {
    std::string_view line = sealctl::take(text, '\n');
    const size_t mark = line.find(":\t");
    const bool is_ours =
        mark != line.npos && line.substr(0, mark).find_first_not_of(" 0123456789") == line.npos;
    if (is_ours) reader.read(line.substr(mark + 2));
  }
  return reader.take_plans();
}

}  // namespace sealctl::trace
