// Is ld-seal installed, in a safe place, and does it seal?
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <sys/stat.h>

#include "tools/sealctl/doctor/checks.h"
#include "tools/sealctl/doctor/run_in_root.h"
#include "tools/sealctl/elf_summary.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/text.h"

namespace sealctl::doctor {
namespace {

constexpr char kReinstall[] = "apt install --reinstall ldseal";
constexpr char kPlain[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
constexpr size_t kSampled = 20;

std::string_view first_line(std::string_view text) { return take(text, '\n'); }

// The number before " ranges sealed in" in a trace; 0 if there is none.
unsigned sealed_ranges(std::string_view trace) {
  constexpr std::string_view kStart = "seal: ", kEnd = " ranges sealed in";
  const size_t end = trace.find(kEnd);
  if (end == trace.npos) return 0;
  const size_t start = trace.rfind(kStart, end);
  unsigned count = 0;
  if (start != trace.npos)
    std::from_chars(trace.data() + start + kStart.size(), trace.data() + end, count);
  return count;
}

// The reason after "not sealed: " in a trace.
std::string reason_in(std::string_view trace) {
  constexpr std::string_view kMark = "seal: not sealed: ";
  const size_t at = trace.rfind(kMark);
  if (at == trace.npos) return "its trace gives no reason";
  return printable(first_line(trace.substr(at + kMark.size())));
}

// The line of a list of libraries that says of one that it is missing; empty if none does.
std::string missing_in(std::string_view list) {
  while (!list.empty()) {
    std::string_view line = take(list, '\n');
    if (!line.ends_with("=> not found")) continue;
    line.remove_prefix(line.find_first_not_of(" \t"));
    return printable(line);
  }
  return {};
}

class LoaderCheck {
 public:
  LoaderCheck(const Root& root, const SystemMachine& machine, Report& report)
      : root_(root), machine_(machine), report_(report) {}

  void run() {
    const std::string path = machine_.loader;
    const auto real = root_.real_path(path);
    const Descriptor file = root_.open_file(path);
    if (!real || !file) {
      report_.fact("loader", path + "  not installed", false);
      return add("no-loader", path + " is not there", "apt install ldseal");
    }
    text_ = path == *real ? path : fmt::format("{} -> {}", path, printable(*real));
    if (is_ld_seal(file)) {
      check_place(*real);
      check_mode(file);
      if (is_running(machine_)) {
        check_work();
      } else {
        text_ += fmt::format("  for {}: not tried here", machine_.name);
      }
    }
    report_.fact("loader", text_, is_good_);
  }

 private:
  void add(std::string_view word, std::string text, std::string what_to_do,
           Weight weight = Weight::kForbids) {
    if (weight == Weight::kForbids) is_good_ = false;
    report_.add({weight, std::string(word), "loader", std::move(text), std::move(what_to_do)});
  }

  bool is_ld_seal(const Descriptor& file) {
    const auto elf = summarize_elf(file);
    if (elf && elf->machine == machine_.number && elf->soname == file_name(machine_.loader))
      return true;
    text_ += "  is not ld-seal";
    add("loader-foreign", fmt::format("{} is no ld-seal for {}", machine_.loader, machine_.name),
        kReinstall);
    return false;
  }

  // Units with ExecPaths= allow the folders of libraries, and AppArmor's profiles do.
  void check_place(const std::string& real) {
    const std::string folder = fmt::format("/usr/lib/{}/", machine_.multiarch);
    if (real.starts_with(folder) || real.starts_with(folder.substr(4))) return;
    add("loader-place", fmt::format("the file is {}, not in {}", printable(real), folder),
        "install the package: units with ExecPaths=/usr/lib do not start otherwise",
        Weight::kWarns);
  }

  void check_mode(const Descriptor& file) {
    struct stat status;
    constexpr mode_t kNeeded = S_IROTH | S_IXOTH, kUnsafe = S_IWGRP | S_IWOTH;
    if (fstat(file.number(), &status) != 0) return;
    if ((status.st_mode & kNeeded) != kNeeded)
      add("loader-mode",
          fmt::format("its mode is {:o}: not all users may execute it", status.st_mode & 07777U),
          "chmod 755 the file");
    const bool is_owned = root_.is_running_system() && status.st_uid != 0;
    if ((status.st_mode & kUnsafe) != 0 || is_owned)
      add("loader-writable", "users other than root may write to it", kReinstall);
  }

  void check_work() {
    const Ran version = run_in_root(root_, {machine_.loader, "--version"}, {kPlain});
    if (version.succeeded()) text_ += fmt::format("  {}", printable(first_line(version.output)));
    for (const char* program : {"/bin/true", "/usr/bin/true", "/usr/bin/env", "/bin/sh"}) {
      if (root_.open_file(program)) return check_program(program);
    }
    text_ += "  not tried: there is no /bin/true";
  }

  void check_program(const std::string& program) {
    std::vector<std::string> words = {machine_.loader, program};
    if (program.ends_with("/sh")) words.insert(words.end(), {"-c", ":"});
    const Ran ran = run_in_root(root_, words, {kPlain, "LDSEAL_DEBUG=seal"});
    if (ran.end == Ran::End::kNotStarted && !root_.is_running_system()) {
      text_ += fmt::format("  not tried: {}", text_of(ran));
      return;
    }
    if (!ran.succeeded()) {
      text_ += fmt::format("  does not work: {}", program);
      return add("loader-fails",
                 fmt::format("{} under it: {}: {}", program, text_of(ran),
                             printable(first_line(ran.output))),
                 "report it, with the output of LDSEAL_DEBUG=all");
    }
    const unsigned ranges = sealed_ranges(ran.output);
    if (ranges == 0) {
      const std::string reason = reason_in(ran.output);
      text_ += fmt::format("  seals nothing: {}", reason);
      return add("loader-unsealed", fmt::format("{} runs under it unsealed: {}", program, reason),
                 "see the findings about the kernel, and the variable LDSEAL");
    }
    text_ += fmt::format("  works (ran {} sealed: {} ranges", program, ranges);
    check_sample();
    text_ += ')';
  }

  // Asks the loader about some programs, evenly spread over /usr/bin, without running them.
  void check_sample() {
    const std::vector<std::string> names = root_.list("/usr/bin");
    const size_t step = std::max<size_t>(1, names.size() / kSampled);
    size_t loadable = 0;
    for (size_t i = 0; i < names.size(); i += step) {
      const std::string path = "/usr/bin/" + names[i];
      const auto elf = summarize_elf(root_.open_file(path));
      if (!elf || !elf->interpreter || elf->machine != machine_.number) continue;
      const Ran ran = run_in_root(root_, {machine_.loader, "--list", path}, {kPlain});
      const std::string missing = missing_in(ran.output);
      if (ran.succeeded() && missing.empty()) ++loadable;
      if (missing.empty()) continue;
      add("program-fails", fmt::format("{} cannot be loaded: {}", printable(path), missing),
          "install the library, or see whether it starts without ld-seal; if so, report it",
          Weight::kWarns);
    }
    text_ += fmt::format("; {} more can be loaded", loadable);
  }

  const Root& root_;
  const SystemMachine& machine_;
  Report& report_;
  std::string text_;
  bool is_good_ = true;
};

}  // namespace

void check_loader(const Root& root, const SystemMachine& machine, Report& report) {
  LoaderCheck(root, machine, report).run();
}

}  // namespace sealctl::doctor
