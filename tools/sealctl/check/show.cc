// See show.h.
#include "tools/sealctl/check/show.h"

#include <fmt/format.h>

namespace sealctl::check {
namespace {

constexpr size_t kReasonsAt = 11, kRemediesAt = 15;  // columns

Tone tone_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSealed:
      return Tone::kGood;
    case Outcome::kPartly:
    case Outcome::kDepends:
    case Outcome::kForeign:
    case Outcome::kUnknown:
      return Tone::kDoubtful;
    default:
      return Tone::kBad;
  }
}

void show_reason(const Reason& reason, const Prediction& of, const Painter& painter) {
  const std::string& text = reason.text;
  const bool names_object = reason.object == of.path || text.find(reason.object) != text.npos;
  print_text(painter, {}, kReasonsAt,
             {fmt::format("{}: {}{}{}{}", text_of(reason.rule).word,
                          names_object ? "" : printable(reason.object) + ": ", reason.segment,
                          reason.segment.empty() ? "" : ": ", printable(text))});
}

void show_file(const Prediction& p, const Painter& painter) {
  const std::string_view word = word_for(p.outcome);
  print_text(painter, {std::string(word), tone_of(p.outcome)}, kReasonsAt, {printable(p.path)});
  for (size_t i = 0; i < p.reasons.size(); ++i) {
    show_reason(p.reasons[i], p, painter);
    const bool is_last_of_rule =
        i + 1 == p.reasons.size() || p.reasons[i + 1].rule != p.reasons[i].rule;
    if (is_last_of_rule)
      print_text(painter, {}, kRemediesAt, {text_of(p.reasons[i].rule).what_to_do});
  }
}

}  // namespace

Totals total(std::span<const Shown> files) {
  Totals totals;
  totals.files = files.size();
  for (const Shown& file : files) ++totals.of[static_cast<size_t>(file.prediction.outcome)];
  return totals;
}

void show_text(std::span<const Shown> files, const Painter& painter) {
  for (const Shown& file : files)
    if (file.is_listed || file.prediction.outcome != Outcome::kSealed)
      show_file(file.prediction, painter);
  const Totals totals = total(files);
  std::string line =
      fmt::format("{} {}: {} sealed", totals.files, totals.files == 1 ? "file" : "files",
                  totals.with(Outcome::kSealed));
  for (size_t i = 1; i < totals.of.size(); ++i)
    if (totals.of[i] != 0)
      line += fmt::format(", {} {}", totals.of[i], word_for(static_cast<Outcome>(i)));
  print_text(painter, {line + "."});
}

}  // namespace sealctl::check
