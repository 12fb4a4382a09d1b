// See show.h.
#include <algorithm>
#include <fmt/format.h>

#include "tools/sealctl/prove/show.h"
#include "tools/sealctl/text.h"

namespace sealctl::prove {
namespace {

struct Sum {
  size_t all = 0;
  size_t open = 0;
  size_t not_made = 0;
};

Cell cell_of(const Sum& sum) {
  if (sum.open != 0) return {fmt::format("OPEN {}/{}", sum.open, sum.all), Tone::kBad};
  if (sum.all == 0) return {"-"};
  if (sum.not_made == sum.all) return {"not made", Tone::kDoubtful};
  return {"held", Tone::kGood};
}

std::string text_of(const Sum& sum, const char* what) {
  std::string text = fmt::format("{} {}", sum.all, what);
  if (sum.not_made != 0) text += fmt::format(", {} not made", sum.not_made);
  return text;
}

Sum sum_of_calls(const ControlFlow& found) {
  Sum sum;
  for (const CallsProved& proved : found.calls) {
    sum.all += proved.slots;
    sum.open += proved.open;
    sum.not_made += proved.not_made;
  }
  return sum;
}

Sum sum_of_link_maps(const ControlFlow& found) {
  Sum sum{found.exit.maps.size(), found.open_link_maps(), 0};
  sum.not_made = static_cast<size_t>(
      std::ranges::count(found.exit.maps, Outcome::kNotMade, &LinkMapProved::outcome));
  return sum;
}

}  // namespace

void show_control_flow(const ControlFlow& found, const Painter& painter) {
  using enum Table::Column;
  Table table({kLeft, kLeft, kLeft});
  table.add_heading({"CONTROL FLOW", "RESULT", "OF"});
  const Sum calls = sum_of_calls(found), maps = sum_of_link_maps(found);
  table.add({{"GOT overwrite"}, cell_of(calls), {text_of(calls, "slots")}});
  if (found.exit.why_not.empty()) {
    table.add({{"link map at exit"}, cell_of(maps), {text_of(maps, "link maps")}});
  } else {
    table.add({{"link map at exit"}, {"not made", Tone::kDoubtful}, {found.exit.why_not}});
  }
  if (found.code_words) {
    const Cell cell = *found.code_words == 0 ? Cell{"held", Tone::kGood} : Cell{"OPEN", Tone::kBad};
    table.add(
        {{"code pointers"}, cell, {fmt::format("{} in ld-seal's memory", *found.code_words)}});
  }
  table.print(painter);
}

void show_open_objects(const ControlFlow& found, const Painter& painter) {
  constexpr size_t kWordWidth = 6;  // and the blanks behind it
  const Cell bad{"OPEN", Tone::kBad};
  for (const CallsProved& proved : found.calls) {
    const std::string object = printable(proved.object);
    if (proved.open != 0)
      print_text(painter, bad, kWordWidth,
                 {fmt::format("{}: GOT overwrite: {} of {} slots ({})", object, proved.open,
                              proved.slots, found.reason)});
    if (!proved.why_not.empty())
      print_text(painter,
                 {fmt::format("{}: its calls were not attacked: {}", object, proved.why_not)});
  }
  for (const LinkMapProved& proved : found.exit.maps) {
    if (proved.outcome != Outcome::kOpen) continue;
    const std::string object = proved.object.empty() ? "the program" : printable(proved.object);
    print_text(
        painter, bad, kWordWidth,
        {fmt::format("{}: link map at exit ({} has the list)", object, printable(proved.list))});
  }
}

}  // namespace sealctl::prove
