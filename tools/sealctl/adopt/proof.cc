// See proof.h.
#include "tools/sealctl/adopt/proof.h"

#include <array>
#include <sys/wait.h>

#include "tools/sealctl/adopt/elf_program.h"
#include "tools/sealctl/adopt/process.h"
#include "tools/sealctl/adopt/refused.h"
#include "tools/sealctl/adopt/rewrite.h"
#include "tools/sealctl/adopt/seal_loader.h"
#include "tools/sealctl/doctor/doctor.h"

namespace sealctl {
namespace {

// Programs whose --version does nothing but print, with few and with many libraries.
constexpr std::array kSample = {
    "/usr/bin/true",    "/usr/bin/ls",     "/usr/bin/cat",       "/usr/bin/bash",  "/usr/bin/sed",
    "/usr/bin/grep",    "/usr/bin/tar",    "/usr/bin/find",      "/usr/bin/date",  "/usr/bin/dpkg",
    "/usr/bin/apt-get", "/usr/bin/perl",   "/usr/bin/python3",   "/usr/bin/gpgv",  "/usr/bin/git",
    "/usr/bin/gdb",     "/usr/bin/rpm",    "/usr/bin/systemctl", "/usr/bin/mount", "/usr/bin/login",
    "/usr/bin/curl",    "/usr/sbin/agetty"};

bool is_sample(const Root& root, const Machine& machine, const char* path) {
  try {
    const OpenProgram program = open_program(root.real_place(path));
    const ElfProgram elf = read_elf(program.file.get());
    check_program(elf);
    return elf.machine == &machine;
  } catch (const Refused&) {
    return false;  // missing, a script, static: not a sample
  }
}

std::vector<std::string> sample(const Root& root, const Machine& machine) {
  std::vector<std::string> found;
  for (const char* path : kSample)
    if (is_sample(root, machine, path)) found.emplace_back(path);
  return found;
}

Outcome run_under(const Root& root, const std::string& loader, const std::string& program,
                  const std::vector<std::string>& environment) {
  return run(
      root,
      {.arguments = {loader, program, "--version"}, .environment = environment, .as_nobody = true});
}

std::string difference(const Outcome& libc, const Outcome& seal) {
  if (seal.error != libc.error || seal.late != libc.late || seal.status != libc.status)
    return fmt::format("{}; under libc's rtld: {}", seal.text(), libc.text());
  return "prints something else than under libc's rtld";
}

bool same(const Outcome& one, const Outcome& other) {
  return one.error == other.error && one.late == other.late && one.status == other.status &&
         one.output == other.output;
}

// Adds what is to be said about one program; counts it if it is sealed.
void try_program(const Root& root, const Machine& machine, const std::string& libc_loader,
                 const std::string& program, Proof& proof, size_t& sealed) {
  const std::string seal(machine.seal_name);
  const Outcome expected = run_under(root, libc_loader, program, {});
  const Outcome outcome = run_under(root, seal, program, {});
  if (!same(expected, outcome))
    proof.objections.push_back(
        fmt::format("{} under ld-seal {}", root.shown(program), difference(expected, outcome)));
  const Outcome required = run_under(root, seal, program, {"LDSEAL=require"});
  if (same(expected, required)) ++sealed;
  if (!same(expected, required) && proof.remarks.empty())
    proof.remarks.push_back(fmt::format("not sealed here: {} with LDSEAL=require {}",
                                        root.shown(program), required.text()));
}

}  // namespace

Proof prove(const Root& root, const Machine& machine, const std::string& libc_loader) {
  Proof proof;
  try {
    check_seal_loader(root, machine);
  } catch (const Refused& refused) {
    proof.objections.emplace_back(refused.what());
    return proof;
  }
  const Outcome first = run(root, {.arguments = {libc_loader, "--version"}, .as_nobody = true});
  if (first.error == ENOEXEC) {
    proof.remarks.push_back(
        fmt::format("programs for {} do not run here: nothing was tried", machine.name));
    return proof;
  }
  if (first.error != 0) {
    proof.objections.push_back(
        fmt::format("libc's rtld {} {}", root.shown(libc_loader), first.text()));
    return proof;
  }
  const std::vector<std::string> programs = sample(root, machine);
  if (programs.empty())
    proof.objections.emplace_back("none of the programs that are tried before is here: bash, ls…");
  size_t sealed = 0;
  for (const std::string& program : programs)
    try_program(root, machine, libc_loader, program, proof, sealed);
  proof.remarks.push_back(
      fmt::format("tried {} programs under ld-seal: {} sealed", programs.size(), sealed));
  return proof;
}

std::vector<std::string> other_objections(const Root& root) {
  std::vector<std::string> lines;
  for (const doctor::Finding& finding : doctor::findings_against_adoption(root.shown("/"))) {
    if (finding.area == "loader") continue;  // the proof says it
    lines.push_back(fmt::format("{}: {}; {}", finding.area, finding.text, finding.what_to_do));
  }
  return lines;
}

std::string try_exchanged(const Root& root, const Machine& machine) {
  const std::vector<std::string> programs = sample(root, machine);
  if (programs.empty()) return {};
  const Outcome outcome =
      run(root, {.arguments = {programs.front(), "--version"}, .as_nobody = true});
  if (outcome.is_success() || outcome.error == ENOEXEC) return {};
  return fmt::format("{} {}", root.shown(programs.front()), outcome.text());
}

}  // namespace sealctl
