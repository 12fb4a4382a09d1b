// See programs.h. Plan, record, change, record: what a killed command leaves is in the record.
#include "tools/sealctl/adopt/programs.h"

#include <algorithm>
#include <map>
#include <set>

#include "tools/sealctl/adopt/candidates.h"
#include "tools/sealctl/adopt/refused.h"
#include "tools/sealctl/adopt/report.h"
#include "tools/sealctl/adopt/rewrite.h"
#include "tools/sealctl/adopt/seal_loader.h"

namespace sealctl {
namespace {

// The record, and the file it is written to if something may be changed.
class Programs {
 public:
  Programs(const Root& root, const ProgramOptions& options, Report& report)
      : root_(root), options_(options), report_(report) {
    folder_ = options.dry_run ? StateFolder::find(root) : StateFolder::lock(root);
    if (folder_) entries_ = read_programs(*folder_);
  }

  // Completes what a killed command has left.
  void complete() {
    for (Entry& entry : entries_)
      if (entry.step != Step::kAdopted) pending_.push_back(entry.path);
    if (pending_.empty()) return;
    if (options_.dry_run) {
      for (const std::string& path : pending_) fmt::print("would complete {}\n", root_.shown(path));
      return pending_.clear();
    }
    change();
  }

  void adopt() {
    for (const Candidate& candidate : wanted()) {
      try {
        plan_adoption(candidate);
      } catch (const Refused& refused) {
        if (candidate.is_named || candidate.is_recorded)
          report_.refused(root_.shown(candidate.path), refused);
      }
    }
    announce("adopt");
    if (!options_.dry_run) change();
  }

  void release() {
    for (const Candidate& candidate : wanted()) {
      try {
        plan_release(candidate.path);
      } catch (const Refused& refused) {
        if (candidate.is_named || candidate.is_recorded)
          report_.refused(root_.shown(candidate.path), refused);
      }
    }
    announce("release");
    if (!options_.dry_run) change();
  }

 private:
  std::vector<Candidate> wanted() {
    std::vector<Candidate> found = candidates(root_, options_.paths, options_.excluded,
                                              [&](const auto& path, const auto& reason) {
                                                report_.refused(root_.shown(path), Refused(reason));
                                              });
    if (options_.again)
      for (const Entry& entry : entries_)
        if (!is_excluded(entry.path, options_.excluded))
          found.push_back({.path = entry.path, .is_recorded = true});
    return found;
  }

  Entry* recorded(const std::string& path) {
    const auto found = std::ranges::find(entries_, path, &Entry::path);
    return found == entries_.end() ? nullptr : &*found;
  }

  void plan_adoption(const Candidate& candidate) {
    if (candidate.is_recorded && !root_.status(candidate.path)) return forget(candidate.path);
    const OpenProgram program = open_program(root_.real_place(candidate.path));
    const ElfProgram elf = read_elf(program.file.get());
    check_program(elf);
    if (is_excluded(program.place.path, options_.excluded)) return;
    if (elf.interp == elf.machine->seal_name) return already_adopted(candidate, program.place.path);
    interp_bytes(elf.machine->seal_name, elf.interp_size);  // throws if it does not fit
    check_loader(*elf.machine);
    check_changeable(program.file.get());
    plan(entry_for(program, elf, Step::kAdopting));
  }

  void already_adopted(const Candidate& candidate, const std::string& path) {
    if (candidate.is_named && recorded(path) != nullptr)
      fmt::print("{}: is adopted already\n", root_.shown(candidate.path));
    else if (candidate.is_named)
      fmt::print("{}: was linked to ld-seal: nothing to adopt\n", root_.shown(candidate.path));
  }

  void forget(const std::string& path) {
    fmt::print("{}: is gone, and forgotten\n", root_.shown(path));
    forgotten_.push_back(path);
  }

  void plan_release(const std::string& path) {
    const Entry* entry = recorded(path);
    const std::string real = entry != nullptr ? path : root_.real_place(path).path;
    entry = recorded(real);
    if (entry == nullptr) throw Refused("is not adopted: it is not in the record");
    const auto adopted = still_adopted(real);
    if (!adopted) return forgotten_.push_back(real);
    const auto& [program, elf] = *adopted;
    interp_bytes(elf.machine->libc_name, elf.interp_size);  // throws if it does not fit
    check_changeable(program.file.get());
    plan(entry_for(program, elf, Step::kReleasing));
  }

  // The program, unless an upgrade or an administrator has replaced or removed it.
  std::optional<std::pair<OpenProgram, ElfProgram>> still_adopted(const std::string& path) {
    try {
      OpenProgram program = open_program(root_.place(path));
      ElfProgram elf = read_elf(program.file.get());
      if (elf.interp != elf.machine->seal_name) return {};
      return std::pair(std::move(program), std::move(elf));
    } catch (const Refused& refused) {
      if (refused.status() == kNotPermitted) throw;
      return {};
    }
  }

  void plan(Entry entry) {
    if (std::ranges::find(planned_, entry.path, &Entry::path) == planned_.end())
      planned_.push_back(std::move(entry));
  }

  // The loader that this machine's programs will name; looked at once. Throws Refused.
  void check_loader(const Machine& machine) {
    const auto [reason, is_new] = loaders_.try_emplace(&machine);
    if (is_new) {
      try {
        check_seal_loader(root_, machine);
      } catch (const Refused& refused) {
        reason->second = refused.what();
      }
    }
    if (!reason->second.empty()) throw Refused(reason->second);
  }

  void announce(std::string_view what) {
    if (options_.dry_run)
      for (const Entry& entry : planned_)
        fmt::print("would {} {}\n", what, root_.shown(entry.path));
  }

  // Records the plan, changes the files, records the result.
  void change() {
    for (const std::string& path : forgotten_)
      std::erase_if(entries_, [&](const Entry& entry) { return entry.path == path; });
    for (const Entry& entry : planned_) {
      pending_.push_back(entry.path);
      if (Entry* old = recorded(entry.path)) {
        *old = entry;
      } else {
        entries_.push_back(entry);
        added_.insert(entry.path);
      }
    }
    planned_.clear();
    std::ranges::sort(entries_, {}, &Entry::path);
    if (pending_.empty() && forgotten_.empty()) return;
    save();
    if (!pending_.empty()) rewrite_pending();
    forgotten_.clear();
  }

  void rewrite_pending() {
    Rewriter rewriter(root_, [this] { save(); });
    std::vector<std::string> done;
    for (const std::string& path : pending_)
      if (rewrite(rewriter, *recorded(path))) done.push_back(path);
    rewriter.sync();
    for (const std::string& path : done) finish(path);
    save();
    pending_.clear();
    added_.clear();
  }

  // True if nothing is left to do for the entry.
  bool rewrite(Rewriter& rewriter, Entry& entry) {
    try {
      rewriter.rewrite(entry);
      report_.changed(entry.step == Step::kReleasing ? "released" : "adopted");
      return true;
    } catch (const Refused& refused) {
      report_.refused(root_.shown(entry.path), refused);
      if (!rewriter.is_untouched(entry)) return false;
      // It stays what it was before the command: adopted, or not recorded.
      const bool is_gone = !root_.status(entry.path);
      const bool was_adopted = entry.step == Step::kReleasing || !added_.contains(entry.path);
      entry.step = was_adopted && !is_gone ? Step::kAdopting : Step::kReleasing;
      return true;
    }
  }

  void finish(const std::string& path) {
    Entry& entry = *recorded(path);
    if (entry.step == Step::kReleasing)
      return void(std::erase_if(entries_, [&](const Entry& each) { return each.path == path; }));
    entry.step = Step::kAdopted;
    entry.names.clear();
  }

  void save() { write_programs(*folder_, entries_); }

  const Root& root_;
  const ProgramOptions& options_;
  Report& report_;
  std::optional<StateFolder> folder_;
  std::vector<Entry> entries_;
  std::vector<Entry> planned_;
  std::vector<std::string> pending_;    // paths of entries that are to be rewritten
  std::vector<std::string> forgotten_;  // paths of entries that have no adopted file any more
  std::set<std::string> added_;         // paths that were not in the record before
  std::map<const Machine*, std::string> loaders_;
};

}  // namespace

ExitStatus adopt_programs(const Root& root, const ProgramOptions& options) {
  Report report;
  Programs programs(root, options, report);
  programs.complete();
  programs.adopt();
  return report.finish();
}

ExitStatus release_programs(const Root& root, const ProgramOptions& options) {
  Report report;
  Programs programs(root, options, report);
  programs.complete();
  programs.release();
  return report.finish();
}

}  // namespace sealctl
