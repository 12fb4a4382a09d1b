// The start of one program as the loader would do it, up to the plan of sealing.
#pragma once

#include <span>
#include <string>

#include "ldso/process/process.h"
#include "tools/sealctl/check/prediction.h"
#include "tools/sealctl/check/symbols.h"

namespace sealctl::check {

// Does the kernel start it with more privileges than its caller has (set-user-ID, set-group-ID,
// file capabilities)?
enum class Privileges : uint8_t { kNone, kMore };
Privileges privileges_of(const ldseal::ElfFile& file);

// The processor on which the program is to start: the one of this machine, or any.
enum class Processor : uint8_t { kThis, kAny };

// The words of an object's note (<ldseal/policy.h>); empty if it has none.
std::string policy_words(const ldseal::Module& object);

// The policy of the built-in default and the program's note. Errors: kUnknownSealWord,
// kUnknownSealClass.
ldseal::Status decide_policy(ldseal::Policy& policy, const ldseal::Module& program,
                             ldseal::Arena& arena);

class Start {
 public:
  // Everything must live as long as this. A library is started as the loader lists one.
  Start(ldseal::Module& program, Privileges privileges, Processor processor, Symbols& symbols,
        ldseal::PageSize page, ldseal::Arena& arena);

  // Adds the reasons for which ld-seal does not start the program, and sets the outcome. Returns
  // false if it does start it; then the members below are known.
  bool find_reasons(Prediction& to);

  // Adds the processors that it needs if it is for an unknown one, and sets the outcome.
  void add_processors(Prediction& to) const;

  const ldseal::Policy& policy() const { return process_.policy; }
  std::span<ldseal::Module* const> objects() const {
    return {process_.graph.modules.begin(), process_.graph.modules.size()};
  }

 private:
  bool load(Prediction& to);
  bool give_way(const ldseal::Error& error, Prediction& to);
  bool fail(const ldseal::Error& error, Prediction& to);
  ldseal::Status check_processor() const;
  ldseal::Status lay_out_thread_storage() const;
  ldseal::Status check_all_versions();
  bool miss_symbols(Prediction& to);

  ldseal::Process process_;
  ldseal::Module& program_;
  Processor processor_;
  Symbols& symbols_;
  ldseal::Arena& arena_;
  ldseal::SearchSettings settings_;
};

}  // namespace sealctl::check
