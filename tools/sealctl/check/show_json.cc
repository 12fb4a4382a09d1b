// See show.h.
#include "tools/sealctl/check/show.h"
#include "tools/sealctl/json.h"

namespace sealctl::check {
namespace {

Json reason_to_json(const Reason& reason) {
  Json out{{"rule", text_of(reason.rule).word}, {"object", reason.object}};
  out["segment"] = reason.segment.empty() ? Json(nullptr) : Json(reason.segment);
  out["text"] = reason.text;
  out["do"] = text_of(reason.rule).what_to_do;
  return out;
}

Json file_to_json(const Prediction& p) {
  Json reasons = Json::array();
  for (const Reason& reason : p.reasons) reasons.push_back(reason_to_json(reason));
  Json out{{"path", p.path}, {"kind", word_for(p.kind)}, {"outcome", word_for(p.outcome)}};
  out["interpreter"] = p.interpreter.empty() ? Json(nullptr) : Json(p.interpreter);
  out["policy"] = p.policy.empty() ? Json(nullptr) : Json(p.policy);
  out["objects"] = p.objects;
  out["reasons"] = std::move(reasons);
  return out;
}

}  // namespace

void show_json(std::span<const Shown> files, const std::string& root) {
  Json list = Json::array(), counts;
  for (const Shown& file : files) list.push_back(file_to_json(file.prediction));
  const Totals totals = total(files);
  counts["files"] = totals.files;
  for (size_t i = 0; i < totals.of.size(); ++i)
    counts[std::string(word_for(static_cast<Outcome>(i)))] = totals.of[i];
  Json document = json_document();
  document["root"] = root;
  document["files"] = std::move(list);
  document["totals"] = std::move(counts);
  print_json(document);
}

}  // namespace sealctl::check
