// See vdso.h.
#include "tools/sealctl/vdso/vdso.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>

#include "tools/sealctl/failure.h"
#include "tools/sealctl/json.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/vdso/extents.h"

namespace sealctl {
namespace vdso {
namespace {

constexpr char kVdsoDescription[] =
    "Show where the kernel's vDSO is, by each method that can say it";

constexpr char kVdsoFooter[] =
    R"(ld-seal seals the vDSO and the data below it only if it knows where they end: one page too much
would seal a neighbour. This shows what each method finds in sealctl's own process, by the loader's
own sources, and whether they agree:
  ELF image        AT_SYSINFO_EHDR, and the length that the ELF header there gives
  PROCMAP_QUERY    the ioctl of /proc/self/maps (Linux 6.11)
  /proc/self/maps  its text
  madvise          MADV_DODUMP, which fails on the kernel's special mappings
  ld-seal          what ld-seal takes

Exit status: 0 if they agree, or the kernel gives no vDSO; 1 if not; 2 for wrong usage.

Example:
  sealctl vdso --json)";

std::vector<Cell> vdso_line(const Found& found) {
  std::vector<Cell> line = {{std::string(found.method)}};
  if (found.parts.empty()) {
    line.insert(line.end(), {{"-"}, {"-"}, {"-"}, {found.doubt, Tone::kDoubtful}});
    return line;
  }
  std::string names;
  for (const Part& part : found.parts) {
    std::string_view name = part.name;
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    names += fmt::format("{}{}", names.empty() ? "" : " ", name);
  }
  const bool has_data = found.data_start() != found.start();
  line.insert(line.end(), {{has_data ? fmt::format("{:x}", found.data_start()) : "-"},
                           {fmt::format("{:x}", found.start())},
                           {fmt::format("{:x}", found.end())},
                           {names}});
  return line;
}

std::string conclusion(const Extents& extents) {
  if (!extents.agree()) {
    const std::string& doubt = extents.loader.doubt;
    return fmt::format("The methods disagree. {}.",
                       doubt.empty() ? "ld-seal seals what its own line says"
                                     : fmt::format("ld-seal leaves the vDSO unsealed: {}", doubt));
  }
  constexpr uint64_t kKibi = 1024;
  const uint64_t bytes = extents.loader.end() - extents.loader.data_start();
  return fmt::format("The methods agree. ld-seal seals {} mappings, {} KiB.",
                     extents.loader.parts.size(), bytes / kKibi);
}

void show_table(const Extents& extents, const Painter& painter) {
  if (extents.base == 0) {
    fmt::print("The kernel gives no vDSO: there is nothing to seal.\n");
    return;
  }
  using enum Table::Column;
  Table table({kLeft, kLeft, kLeft, kLeft, kLeft});
  table.add_heading({"METHOD", "DATA", "VDSO", "END", "MAPPINGS"});
  for (const Found* found :
       {&extents.image, &extents.query, &extents.maps, &extents.advice, &extents.loader})
    table.add(vdso_line(*found));
  table.print(painter);
  print_text(painter, {conclusion(extents), extents.agree() ? Tone::kGood : Tone::kBad});
}

Json json_of(const Found& found) {
  Json mappings = Json::array();
  for (const Part& part : found.parts)
    mappings.push_back({{"start", fmt::format("{:x}", part.start)},
                        {"end", fmt::format("{:x}", part.end)},
                        {"name", part.name}});
  return Json{{"method", found.method},
              {"mappings", std::move(mappings)},
              {"doubt", found.doubt.empty() ? Json(nullptr) : Json(found.doubt)}};
}

void show_json(const Extents& extents) {
  Json document = json_document(), methods = Json::array();
  const bool is_there = extents.base != 0;
  document["base"] = is_there ? Json(fmt::format("{:x}", extents.base)) : Json(nullptr);
  if (is_there) {
    for (const Found* found : {&extents.image, &extents.query, &extents.maps, &extents.advice})
      methods.push_back(json_of(*found));
  }
  document["methods"] = std::move(methods);
  document["loader"] = is_there ? json_of(extents.loader) : Json(nullptr);
  document["agree"] = is_there ? Json(extents.agree()) : Json(nullptr);
  print_json(document);
}

ExitStatus show_vdso(const OutputOptions& options) {
  const Extents extents = find_extents();
  if (options.json) {
    show_json(extents);
  } else {
    show_table(extents, Painter(options.color));
  }
  flush_output();
  return extents.base == 0 || extents.agree() ? kDone : kFinding;
}

}  // namespace
}  // namespace vdso

void add_vdso(CLI::App& app) {
  CLI::App* subcommand = app.add_subcommand("vdso", vdso::kVdsoDescription);
  auto options = std::make_shared<OutputOptions>();
  add_output_options(*subcommand, *options);
  subcommand->footer(vdso::kVdsoFooter);
  subcommand->callback([options] { throw Ended{vdso::show_vdso(*options)}; });
}

}  // namespace sealctl
