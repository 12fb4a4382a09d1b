// See doctor.h.
#include "tools/sealctl/doctor/doctor.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <memory>

#include "tools/sealctl/doctor/checks.h"
#include "tools/sealctl/doctor/packages.h"
#include "tools/sealctl/doctor/syscall_filter.h"
#include "tools/sealctl/doctor/unit_files.h"
#include "tools/sealctl/failure.h"
#include "tools/sealctl/json.h"
#include "tools/sealctl/output.h"

namespace sealctl::doctor {
namespace {

constexpr char kDescription[] = "Say whether this system can be sealed, and what would be hurt";

constexpr char kFooter[] =
    R"(Looks at the kernel, ld-seal, libc, systemd's units, the initramfs and the programs in PATH,
and changes nothing. /bin/true is run once under ld-seal. With --root it is run with DIR as its root
folder and without privileges. What is wrong is listed with what to do about it: lines with "!!"
stand against adopting the system, lines with "!" do not.

Exit status: 0 if the last line says READY, 1 if it says NOT READY, 2 for wrong usage, 3 if DIR
cannot be opened.)";

struct Options {
  OutputOptions output;
  std::string root = "/";
};

bool forbids(const Finding& finding) { return finding.weight == Weight::kForbids; }

std::string verdict(const Report& report, const Options& options) {
  const auto first = std::ranges::find_if(report.findings(), forbids);
  if (first != report.findings().end())
    return fmt::format("NOT READY: {}: {}", first->area, first->text);
  if (options.root == "/") return "READY: sealctl adopt --system";
  return fmt::format("READY: sealctl adopt --system --root {}", options.root);
}

constexpr size_t kTextsAt = 3, kRemediesAt = 5;  // columns

void show_text(const Report& report, const std::string& verdict, bool is_ready,
               const Painter& painter) {
  Table table({Table::Column::kLeft, Table::Column::kLeft});
  for (const Fact& fact : report.facts())
    table.add({{fact.area, Tone::kHeading}, {fact.text, fact.is_good ? Tone::kPlain : Tone::kBad}});
  table.print(painter);
  for (const Finding& finding : report.findings()) {
    const Cell mark = forbids(finding) ? Cell{"!!", Tone::kBad} : Cell{"! ", Tone::kDoubtful};
    print_text(painter, mark, kTextsAt, {fmt::format("{}: {}", finding.area, finding.text)});
    print_text(painter, {}, kRemediesAt, {finding.what_to_do});
  }
  print_text(painter, {verdict, is_ready ? Tone::kGood : Tone::kBad});
}

void show_json(const Report& report, const std::string& verdict, bool is_ready,
               const Options& options) {
  Json facts = Json::array(), findings = Json::array();
  for (const Fact& fact : report.facts())
    facts.push_back({{"area", fact.area}, {"text", fact.text}, {"good", fact.is_good}});
  for (const Finding& finding : report.findings())
    findings.push_back({{"area", finding.area},
                        {"what", finding.word},
                        {"forbids", forbids(finding)},
                        {"text", finding.text},
                        {"do", finding.what_to_do}});
  Json document = json_document();
  document["root"] = options.root;
  document["ready"] = is_ready;
  document["verdict"] = verdict;
  document["facts"] = std::move(facts);
  document["findings"] = std::move(findings);
  print_json(document);
}

ExitStatus show(const Options& options) {
  const Report report = examine(options.root);
  const bool is_ready = std::ranges::none_of(report.findings(), forbids);
  const std::string line = verdict(report, options);
  if (options.output.json) {
    show_json(report, line, is_ready, options);
  } else {
    show_text(report, line, is_ready, Painter(options.output.color));
  }
  flush_output();
  return is_ready ? kDone : kFinding;
}

}  // namespace

Report examine(const std::string& path) {
  const Root root(path);
  Report report;
  check_kernel(root, report);
  const SystemMachine* machine = machine_of(root);
  if (machine == nullptr) {
    report.fact("machine", "not x86_64 or aarch64", false);
    report.add({Weight::kForbids, "other-machine", "machine",
                "the programs are neither for x86_64 nor for aarch64",
                "ld-seal is built for these two"});
    return report;
  }
  check_loader(root, *machine, report);
  check_libc(root, *machine, report);
  if (root.is_running_system()) check_vdso(report);
  check_units(root, *machine, report);
  check_rescue(root, report);
  check_programs(root, *machine, report);
  return report;
}

std::vector<Finding> findings_against_adoption(const std::string& root) {
  const Report report = examine(root);
  std::vector<Finding> against;
  std::ranges::copy_if(report.findings(), std::back_inserter(against), forbids);
  return against;
}

std::vector<std::string> units_that_need_policy_off(const std::string& path) {
  const Root root(path);
  const SystemdFacts systemd = systemd_facts(root);
  std::vector<std::string> names;
  for (const Unit& unit : read_units(root))
    if (kills_for_questions(unit, systemd)) names.push_back(unit.name);
  std::ranges::sort(names);
  return names;
}

}  // namespace sealctl::doctor

namespace sealctl {

void add_doctor(CLI::App& app) {
  using namespace doctor;
  CLI::App* subcommand = app.add_subcommand("doctor", kDescription);
  auto options = std::make_shared<Options>();
  subcommand->add_option("--root", options->root, "Look at the system in this folder")
      ->type_name("DIR");
  add_output_options(*subcommand, options->output);
  subcommand->footer(kFooter);
  subcommand->callback([options] { throw Ended{show(*options)}; });
}

}  // namespace sealctl
