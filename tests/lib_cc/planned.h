// Plans of objects that are nothing but program headers, as lines to compare.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <vector>

#include "ldso/seal/plan.h"
#include "tests/lib_cc/error_text.h"
#include "tests/lib_cc/heap_arena.h"

namespace ldseal::testing_tools {

using Lines = std::vector<std::string>;

inline constexpr PageSize kSmall{0x1000}, k16{0x4000}, k64{0x10000};
inline constexpr LoadBias kBias(0x7f0000000000);
inline constexpr uint32_t kGnuMutable = 0x6474f555, kOpenbsdMutable = 0x65a3dbe5;
inline constexpr uint32_t kEveryClass = 63;

inline Phdr load(uint32_t flags, uint64_t start, uint64_t memory_end, uint64_t file_end) {
  return {PT_LOAD, flags, start, start, start, file_end - start, memory_end - start, 0x1000};
}
inline Phdr text(uint64_t start, uint64_t end) { return load(PF_R | PF_X, start, end, end); }
inline Phdr data(uint64_t start, uint64_t end) { return load(PF_R | PF_W, start, end, end); }
inline Phdr part(uint32_t type, uint64_t start, uint64_t end) {
  return {type, PF_R, start, start, start, end - start, end - start, 1};
}
inline Phdr relro(uint64_t start, uint64_t end) { return part(PT_GNU_RELRO, start, end); }
inline Phdr gap(uint64_t start, uint64_t end) { return part(kGnuMutable, start, end); }

enum class Holes : bool { kOpen, kGuarded };

// A plan and all that it refers to.
class Planned {
 public:
  explicit Planned(PageSize page = kSmall) : page_(page), plan_(policy, page, arena_) {
    policy.wanted = kEveryClass;
  }
  Planned(const std::vector<Phdr>& headers, Holes holes, PageSize page = kSmall) : Planned(page) {
    add(headers, holes);
  }

  void add(const std::vector<Phdr>& headers, Holes holes = Holes::kOpen) {
    plan_.add_object(object(headers, holes));
  }
  PlannedModule object(const std::vector<Phdr>& headers, Holes holes = Holes::kOpen) {
    headers_.push_back(std::make_unique<std::vector<Phdr>>(headers));
    ProgramHeaders table(headers_.back()->data(), headers.size());
    auto inspected = inspect_segments(table, SegmentSource::kMemory, ByteCount(0), page_);
    if (!inspected) throw std::runtime_error(sentence(inspected.error()));
    segments_.push_back(std::make_unique<Segments>(*inspected));
    return {*segments_.back(), kBias, "object", holes == Holes::kGuarded};
  }
  Plan& operator*() { return plan_; }
  Plan* operator->() { return &plan_; }

  // "1000-2000 r-x text", and in brackets why it is left; addresses as the headers have them.
  Lines lines() {
    Lines all;
    for (const PlannedRange& r : plan_.ranges()) all.push_back(line(r));
    return all;
  }

  Policy policy;

 private:
  static std::string line(const PlannedRange& r) {
    static const std::map<Verdict, const char*> kReasons = {
        {Verdict::kSealed, ""},
        {Verdict::kClassOff, " (off)"},
        {Verdict::kExempt, " (exempt)"},
        {Verdict::kMutable, " (mutable)"},
        {Verdict::kUnreadable, " (unreadable)"},
        {Verdict::kChanging, " (changing)"},
        {Verdict::kElsewhere, " (elsewhere)"},
        {Verdict::kNotHeld, " (not held)"},
        {Verdict::kRefused, " (refused)"},
    };
    TextBuffer<200> out;
    out.hex_digits((r.range.start - kBias).value) << '-';
    out.hex_digits((r.range.end - kBias).value) << ' ';
    out << ((r.protection & PROT_READ) != 0 ? 'r' : '-')
        << ((r.protection & PROT_WRITE) != 0 ? 'w' : '-')
        << ((r.protection & PROT_EXEC) != 0 ? 'x' : '-') << ' ' << name_of(r.seal_class)
        << kReasons.at(r.verdict);
    return out.c_str();
  }

  PageSize page_;
  HeapArena arena_;
  Plan plan_;
  std::vector<std::unique_ptr<std::vector<Phdr>>> headers_;
  std::vector<std::unique_ptr<Segments>> segments_;
};

inline Lines open_lines(const std::vector<Phdr>& headers, PageSize page = kSmall) {
  return Planned(headers, Holes::kOpen, page).lines();
}
inline Lines guarded_lines(const std::vector<Phdr>& headers, PageSize page = kSmall) {
  return Planned(headers, Holes::kGuarded, page).lines();
}

}  // namespace ldseal::testing_tools
