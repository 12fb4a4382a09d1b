// Predicts what ld-seal does with programs and libraries, by the loader's own sources: the same
// search, the same graph of objects, the same checks and the same plan as at a start with an empty
// environment. Nothing is run.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "ldso/seal/policy.h"
#include "tools/sealctl/check/object_views.h"
#include "tools/sealctl/check/prediction.h"
#include "tools/sealctl/check/symbols.h"
#include "tools/sealctl/doctor/root.h"

namespace sealctl::check {

// One at a time: it sets the root that the loader's sources see.
class Predictor {
 public:
  explicit Predictor(const doctor::Root& root);
  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  // `path` is absolute, in the root, and has no symbolic links.
  Prediction predict(const std::string& path);

 private:
  void predict_static(const ldseal::Module& program, uint64_t size, ldseal::Arena& arena,
                      Prediction& to);
  void predict_start(ldseal::Module& program, const ldseal::ElfFile& file, ldseal::Arena& arena,
                     Prediction& to);

  // Adds what of the object stays unsealed under this policy. Remembers the answer.
  void add_parts(const ldseal::Module& object, const ldseal::Policy& policy,
                 std::vector<Reason>& reasons);

  using Key = std::tuple<uint64_t, uint64_t, uint32_t>;  // device, inode, wanted classes

  const doctor::Root& root_;
  ldseal::PageSize page_;
  ObjectViews views_;
  std::map<Key, std::vector<Reason>> parts_;
  Symbols symbols_;
};

}  // namespace sealctl::check
