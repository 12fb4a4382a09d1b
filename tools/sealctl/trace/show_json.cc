// See show.h.
#include <fmt/format.h>
#include <sys/wait.h>

#include "tools/sealctl/json.h"
#include "tools/sealctl/trace/show.h"

namespace sealctl::trace {
namespace {

Json words_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of(const Range& range) {
  return Json{{"start", fmt::format("{:x}", range.start)},
              {"end", fmt::format("{:x}", range.end)},
              {"permissions", range.permissions},
              {"class", range.seal_class},
              {"object", range.object},
              {"sealed", range.is_sealed},
              {"reason", words_or_null(range.reason)}};
}

Json json_of(const TracedProcess& process, const Plan& plan) {
  Json ranges = Json::array();
  for (const Range& range : plan.ranges) ranges.push_back(json_of(range));
  return Json{{"pid", process.pid},
              {"kind", plan.is_start() ? "start" : "opened-later"},
              {"ranges", std::move(ranges)},
              {"notes", plan.notes},
              {"gave_way", words_or_null(plan.gave_way)},
              {"result", words_or_null(plan.result)},
              {"carried_out", plan.is_carried_out()}};
}

}  // namespace

void show_json(const TracedRun& run, const std::vector<std::string>& command) {
  Json plans = Json::array();
  for (const TracedProcess& process : run.processes) {
    for (const Plan& plan : process.plans) plans.push_back(json_of(process, plan));
  }
  Json document = json_document();
  document["command"] = command;
  document["pid"] = run.pid;
  document["status"] = WIFEXITED(run.status) ? Json(WEXITSTATUS(run.status)) : Json(nullptr);
  document["signal"] = WIFSIGNALED(run.status) ? Json(WTERMSIG(run.status)) : Json(nullptr);
  document["plans"] = std::move(plans);
  print_json(document);
}

}  // namespace sealctl::trace
