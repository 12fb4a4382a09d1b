// See verdict.h.
#include "tools/sealctl/ps/verdict.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <iterator>

#include "tools/sealctl/elf_summary.h"
#include "tools/sealctl/mseal_probe.h"
#include "tools/sealctl/output.h"
#include "tools/sealctl/ps/policy_words.h"
#include "tools/sealctl/text.h"

namespace sealctl::ps {
namespace {

constexpr std::array kRemedies = {
    Remedy{"not-permitted", "run sealctl as root, with CAP_SYS_PTRACE"},
    Remedy{"not-64-bit", "ld-seal runs 64-bit programs only"},
    Remedy{"static", "link the program with ldseal-cc, so that it seals itself"},
    Remedy{"not-adopted", "sealctl adopt --system, or sealctl adopt PROGRAM; then start it anew"},
    Remedy{"started-before", "start it anew"},
    Remedy{"other-loader", "ld-seal starts programs that name glibc's or musl's loader"},
    Remedy{"no-mseal", "run a kernel with mseal: Linux 6.10 or later"},
    Remedy{"policy", "take the word out of LDSEAL, or out of the program's note"},
    Remedy{"gave-way", "build the object without what ld-seal leaves to libc's loader"},
    Remedy{"filter",
           "allow mseal in the filter: SystemCallFilter=mseal in the unit, or no sealctl run"},
    Remedy{"unexplained", "start it with LDSEAL_DEBUG=seal, which says why"},
    Remedy{"opened-later", "LDSEAL=+dlopen seals what dlopen opens; it is then never unloaded"},
    Remedy{"made-at-run-time", "a program that makes code keeps it writable; nothing can be done"},
    Remedy{"relro", "start it with LDSEAL_DEBUG=seal, which says why"},
    Remedy{"system", "start it with LDSEAL_DEBUG=seal, which says why"},
};
static_assert(kRemedies.size() == static_cast<size_t>(Why::kSystemLeft) + 1);

// What the process was started with, as far as it may be read.
struct Start {
  std::optional<ElfSummary> program;
  std::string environment;

  std::string variable(std::string_view name) const {
    return variable_in(environment, name).value_or("");
  }
  std::string_view note() const { return program ? std::string_view(program->policy) : ""; }
};

Start read_start(const ProcFolder& folder) {
  return {summarize_elf(folder.open_regular("exe")), folder.read("environ").value_or("")};
}

std::string list_of(const std::vector<std::string>& names) {
  constexpr size_t kMost = 3;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMost); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", printable(file_name(names[i])));
  if (names.size() > kMost) text += ", ...";
  return text;
}

// Does the name that the program has for its loader lead to ld-seal by now?
bool leads_to_ld_seal(const ProcFolder& folder, const std::string& interpreter) {
  const std::string path = "root" + interpreter;
  const Descriptor file(openat(folder.number(), path.c_str(), O_PATH | O_CLOEXEC));
  if (!file) return false;
  const auto target =
      read_link(AT_FDCWD, fmt::format("/proc/self/fd/{}", file.number()).c_str()).value_or("");
  return file_name(target).starts_with("ld-seal-");
}

void explain_libcs_loader(const ProcFolder& folder, const Start& start, Process& p) {
  const std::string file = printable(p.executable);
  if (!start.program) {
    p.reasons.push_back({Why::kNotAdopted, "not adopted: libc's loader has started it"});
  } else if (!start.program->interpreter) {
    p.reasons.push_back({Why::kNotAdopted, fmt::format("started by {} as a command", file)});
  } else if (leads_to_ld_seal(folder, *start.program->interpreter)) {
    p.reasons.push_back({Why::kStartedBefore, "started before it was adopted"});
  } else {
    p.reasons.push_back({Why::kNotAdopted, fmt::format("not adopted: {} names {}", file,
                                                       printable(*start.program->interpreter))});
  }
}

void explain_no_known_loader(const Start& start, Process& p) {
  if (!start.program) {
    p.reasons.push_back({Why::kUnexplained, "its executable cannot be read"});
  } else if (!start.program->interpreter) {
    p.reasons.push_back({Why::kStatic, "static program that does not seal itself"});
  } else {
    p.reasons.push_back({Why::kOtherLoader, fmt::format("names another loader: {}",
                                                        printable(*start.program->interpreter))});
  }
}

// Why ld-seal gives the program to libc's loader. Empty: it does not.
std::string reason_to_give_way(const Start& start, const Memory& memory) {
  if (!memory.executable_stack.empty())
    return fmt::format("executable stack ({})", printable(file_name(memory.executable_stack)));
  if (!memory.text_relocations.empty())
    return fmt::format("text relocations ({})", printable(file_name(memory.text_relocations)));
  if (start.program && start.program->is_dynamic && !start.program->has_stack_header)
    return "no PT_GNU_STACK in the program, which means an executable stack";
  for (const char* name : {"LD_AUDIT", "LD_PROFILE"}) {
    if (!start.variable(name).empty()) return fmt::format("{} is set", name);
  }
  return {};
}

void explain_ld_seal(const Start& start, Process& p) {
  static const int kMsealAnswer = ask_for_mseal();
  const std::string ldseal = start.variable("LDSEAL");
  const std::string gave_way = reason_to_give_way(start, *p.memory);
  if (kMsealAnswer == ENOSYS) {
    p.reasons.push_back({Why::kNoMseal, "the kernel has no mseal"});
  } else if (is_off(start.note(), "")) {
    p.reasons.push_back({Why::kPolicy, fmt::format("its note says {}", printable(start.note()))});
  } else if (is_off(start.note(), ldseal)) {
    p.reasons.push_back({Why::kPolicy, fmt::format("LDSEAL={} is set", printable(ldseal))});
  } else if (!gave_way.empty()) {
    p.reasons.push_back({Why::kGaveWay, fmt::format("given to libc's loader: {}", gave_way)});
  } else if (start.variable("RUNNING_UNDER_RR") == "1") {
    p.reasons.push_back({Why::kPolicy, "rr records it"});
  } else if (p.has_filter) {
    p.reasons.push_back(
        {Why::kFilter, "a seccomp filter refuses mseal or exempts the program (sealctl run)"});
  } else {
    p.reasons.push_back({Why::kUnexplained, "ld-seal has sealed nothing"});
  }
}

void explain_unsealed(const ProcFolder& folder, const Start& start, Process& p) {
  if (p.memory->loader == Loader::k32Bit) {
    p.reasons.push_back({Why::kNot64Bit, "32-bit program"});
  } else if (p.memory->loader == Loader::kLdSeal) {
    explain_ld_seal(start, p);
  } else if (p.memory->loader == Loader::kGlibc || p.memory->loader == Loader::kMusl) {
    explain_libcs_loader(folder, start, p);
  } else {
    explain_no_known_loader(start, p);
  }
}

// A supervisor's or the caller's wish to leave something.
void explain_by_policy(const Start& start, Process& p) {
  const std::string ldseal = start.variable("LDSEAL");
  if (takes_away(ldseal)) {
    p.reasons.push_back({Why::kPolicy, fmt::format("LDSEAL={} is set", printable(ldseal))});
  } else if (takes_away(start.note())) {
    p.reasons.push_back({Why::kPolicy, fmt::format("its note says {}", printable(start.note()))});
  } else if (p.has_filter) {
    p.reasons.push_back({Why::kFilter, "a seccomp filter is in force (sealctl run?)"});
  }
}

void explain_partly(const Start& start, Process& p) {
  const Memory& m = *p.memory;
  if (!m.unsealed_code.empty())
    p.reasons.push_back(
        {Why::kOpenedLater, fmt::format("{} objects opened later: {}", m.unsealed_code.size(),
                                        list_of(m.unsealed_code))});
  if (m.code_without_file != 0)
    p.reasons.push_back({Why::kMadeAtRunTime, fmt::format("{} KiB of code made at run time",
                                                          m.code_without_file / 1024)});
  std::vector<std::string> relro;
  std::ranges::copy_if(m.unsealed_relro, std::back_inserter(relro), [&](const std::string& name) {
    return std::ranges::find(m.unsealed_code, name) == m.unsealed_code.end();
  });
  if (!relro.empty())
    p.reasons.push_back({Why::kReadOnlyDataLeft, fmt::format("RELRO of {} objects left: {}",
                                                             relro.size(), list_of(relro))});
  if (m.has_vdso && !m.is_vdso_sealed) p.reasons.push_back({Why::kSystemLeft, "vDSO left"});
  explain_by_policy(start, p);
}

Verdict verdict_of(const Memory& m) {
  if (!m.has_sealed_code) return Verdict::kUnsealed;
  const bool is_whole = m.code.sealed == m.code.all && m.relro.sealed == m.relro.all &&
                        m.is_vdso_sealed == m.has_vdso;
  return is_whole ? Verdict::kSealed : Verdict::kPartly;
}

}  // namespace

void judge(const ProcFolder& folder, Process& p) {
  if (!p.memory) {
    p.reasons.push_back({Why::kNotPermitted, "may not be looked at"});
    return;
  }
  p.verdict = verdict_of(*p.memory);
  if (p.verdict == Verdict::kSealed && p.memory->loader != Loader::kUnknown) return;
  const Start start = read_start(folder);
  if (p.memory->loader == Loader::kUnknown && start.program)
    p.memory->loader = start.program->interpreter ? Loader::kOther : Loader::kStatic;
  if (start.program && !start.program->is_64_bit) p.memory->loader = Loader::k32Bit;
  if (p.verdict == Verdict::kUnsealed) explain_unsealed(folder, start, p);
  if (p.verdict == Verdict::kPartly) explain_partly(start, p);
}

const Remedy& remedy_for(Why why) { return kRemedies[static_cast<size_t>(why)]; }

std::string_view word_for(Verdict verdict) {
  constexpr std::array<std::string_view, 4> kWords = {"sealed", "partly", "unsealed", "unknown"};
  return kWords[static_cast<size_t>(verdict)];
}

std::string_view word_for(Loader loader) {
  constexpr std::array<std::string_view, 7> kWords = {"unknown", "ld-seal", "glibc", "musl",
                                                      "other",   "static",  "32-bit"};
  return kWords[static_cast<size_t>(loader)];
}

}  // namespace sealctl::ps
