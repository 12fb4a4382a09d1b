// See show.h. SARIF 2.1.0 (OASIS): a run has rules, and results that refer to them.
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "tools/sealctl/check/show.h"
#include "tools/sealctl/json.h"

namespace sealctl::check {
namespace {

constexpr char kRoot[] = "ROOT";  // what the locations are relative to
constexpr char kSarifSchema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

// RFC 3986: a path as part of a URI.
std::string uri_of(std::string_view path) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string out;
  for (const char c : path) {
    if (kPlain.find(c) != kPlain.npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Json message(std::string_view text) { return Json{{"text", text}}; }

Json rules() {
  Json list = Json::array();
  for (size_t i = 0; i < static_cast<size_t>(Rule::kCount); ++i) {
    const RuleText& text = text_of(static_cast<Rule>(i));
    list.push_back({{"id", text.word},
                    {"shortDescription", message(text.title)},
                    {"help", message(text.what_to_do)}});
  }
  return list;
}

const char* level_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPartly:
    case Outcome::kUnsealed:
    case Outcome::kDepends:
      return "warning";
    case Outcome::kForeign:
    case Outcome::kUnknown:
      return "note";
    default:
      return "error";
  }
}

Json result_of(const Reason& reason, Outcome outcome) {
  Json result{{"ruleId", text_of(reason.rule).word}, {"ruleIndex", static_cast<int>(reason.rule)}};
  result["level"] = level_of(outcome);
  result["message"] =
      message(fmt::format("{}{}{}; {}", reason.segment, reason.segment.empty() ? "" : ": ",
                          reason.text, text_of(reason.rule).what_to_do));
  const std::string relative = uri_of(std::string_view(reason.object).substr(1));
  Json artifact{{"uri", relative}, {"uriBaseId", kRoot}};
  result["locations"] =
      Json::array({Json{{"physicalLocation", Json{{"artifactLocation", artifact}}}}});
  result["properties"] = Json{{"outcome", word_for(outcome)}, {"files", Json::array()}};
  return result;
}

Json results(std::span<const Shown> files) {
  using Key = std::tuple<Outcome, Rule, std::string, std::string, std::string>;
  std::map<Key, size_t> known;
  Json list = Json::array();
  for (const Shown& file : files) {
    const Prediction& p = file.prediction;
    for (const Reason& reason : p.reasons) {
      const Key key{p.outcome, reason.rule, reason.object, reason.segment, reason.text};
      const auto [at, is_new] = known.emplace(key, list.size());
      if (is_new) list.push_back(result_of(reason, p.outcome));
      list[at->second]["properties"]["files"].push_back(p.path);
    }
  }
  return list;
}

}  // namespace

void show_sarif(std::span<const Shown> files, const std::string& root) {
  const bool ends_with_slash = root.ends_with('/');
  Json driver{{"name", "sealctl"}, {"version", LDSEAL_VERSION}, {"rules", rules()}};
  Json run{{"tool", Json{{"driver", std::move(driver)}}}};
  const std::string base = fmt::format("file://{}{}{}", root.starts_with('/') ? "" : "/",
                                       uri_of(root), ends_with_slash ? "" : "/");
  run["originalUriBaseIds"] = Json{{kRoot, Json{{"uri", base}}}};
  run["columnKind"] = "utf16CodeUnits";
  run["results"] = results(files);
  print_json(Json{
      {"$schema", kSarifSchema}, {"version", "2.1.0"}, {"runs", Json::array({std::move(run)})}});
}

}  // namespace sealctl::check
