// What `sealctl doctor` finds: lines to read, and what stands against adopting a system.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sealctl::doctor {

enum class Weight {
  kForbids,  // programs would not start, or nothing would be sealed
  kWarns,    // less is sealed than could be, or a help in need is missing
};

struct Finding {
  Weight weight;
  std::string word;  // names the kind of finding, for scripts
  std::string area;  // as in the lines: "kernel", "loader", …
  std::string text;  // what is wrong
  std::string what_to_do;
};

// A line of the report.
struct Fact {
  std::string area;
  std::string text;
  bool is_good = true;
};

class Report {
 public:
  void fact(std::string_view area, std::string text, bool is_good = true) {
    facts_.push_back({std::string(area), std::move(text), is_good});
  }
  void add(Finding finding) { findings_.push_back(std::move(finding)); }
  const std::vector<Fact>& facts() const { return facts_; }
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  std::vector<Fact> facts_;
  std::vector<Finding> findings_;
};

}  // namespace sealctl::doctor
