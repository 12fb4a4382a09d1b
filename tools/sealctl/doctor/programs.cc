// Which programs in PATH ld-seal gives to libc's loader, because they need what it does not do.
#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "tools/sealctl/doctor/checks.h"
#include "tools/sealctl/elf_summary.h"
#include "tools/sealctl/output.h"

namespace sealctl::doctor {
namespace {

class ProgramCheck {
 public:
  ProgramCheck(const Root& root, const SystemMachine& machine) : root_(root), machine_(machine) {}

  void look_into(const std::string& folder) {
    const auto real = root_.real_path(folder);
    if (!real || !folders_.insert(*real).second) return;
    for (const std::string& name : root_.list(*real)) {
      const std::string path = *real + "/" + name;
      if (root_.link(path)) continue;
      if (const auto elf = summarize_elf(root_.open_file(path))) look_at(path, *elf);
    }
  }

  void report(Report& report) const {
    report.fact(
        "programs",
        fmt::format("{} dynamic in PATH, {} of them name ld-seal; {} static, {} not for {}; "
                    "{} are left to libc's loader",
                    dynamic_, adopted_, static_, foreign_, machine_.name, left_.size()));
    if (left_.empty()) return;
    std::string names;
    for (const std::string& name : left_) names += (names.empty() ? "" : ", ") + printable(name);
    report.add({Weight::kWarns, "gives-way", "programs",
                fmt::format("these run unsealed under libc's loader: {}", names),
                "build them without executable stack and text relocations"});
  }

 private:
  void look_at(const std::string& path, const ElfSummary& elf) {
    if (elf.machine != machine_.number || !elf.is_64_bit) {
      ++foreign_;
    } else if (!elf.interpreter) {
      ++static_;
    } else {
      ++dynamic_;
      const std::string& loader = *elf.interpreter;
      if (loader == machine_.loader) ++adopted_;
      const bool is_musls = loader == machine_.musl_loader;
      const bool asks = elf.asks_for_executable_stack || !elf.has_stack_header;
      if (elf.has_text_relocations && !is_musls)
        left_.push_back(path + " (text relocations)");
      else if (asks && !is_musls)
        left_.push_back(path + " (executable stack)");
    }
  }

  const Root& root_;
  const SystemMachine& machine_;
  std::set<std::string> folders_;
  size_t dynamic_ = 0, adopted_ = 0, static_ = 0, foreign_ = 0;
  std::vector<std::string> left_;
};

}  // namespace

void check_programs(const Root& root, const SystemMachine& machine, Report& report) {
  ProgramCheck check(root, machine);
  for (const char* folder : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin",
                             "/bin", "/usr/games"})
    check.look_into(folder);
  check.report(report);
}

}  // namespace sealctl::doctor
