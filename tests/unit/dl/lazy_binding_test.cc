// The first call of a function that nothing defined when its object was opened.
#include <gtest/gtest.h>

#include "arch/native.h"
#include "ldso/dl/opened.h"
#include "tests/lib_cc/described.h"
#include "tests/lib_cc/made_up_process.h"
#include "tests/lib_cc/scripted_kernel.h"

extern "C" uint64_t bind_function(ldseal::Module* module, uint64_t index);
extern "C" uint64_t bind_slot(ldseal::Module* module, uint64_t slot);

namespace ldseal {
namespace {

using testing_tools::Described;
using testing_tools::MadeUpProcess;
using testing_tools::ObjectSpec;
using testing_tools::RelocationSpec;
using testing_tools::ScriptedKernel;

constexpr uint64_t kSlotOfLate = 3;  // of the data words

ObjectSpec user_of_late() {
  ObjectSpec spec;
  spec.symbols = {{.name = "early", .defined = false}, {.name = "late", .defined = false}};
  spec.plt = {RelocationSpec{.word = 2, .type = R_X86_64_JUMP_SLOT, .symbol = "early"},
              RelocationSpec{.word = kSlotOfLate, .type = R_X86_64_JUMP_SLOT, .symbol = "late"}};
  return spec;
}

ObjectSpec definer_of_late() {
  ObjectSpec spec;
  spec.symbols = {{.name = "late"}};
  return spec;
}

// An object of a made-up process with the tables of a described one.
struct Object {
  explicit Object(const ObjectSpec& spec) : described(spec) {}
  Module& become(Module& m) {
    m.bias = described.module().bias;
    m.tables = described.module().tables;
    return m;
  }
  Address place_of_late() { return Vaddr(described.image().places.code) + described.module().bias; }
  Described described;
};

class LazyBinding : public testing::Test {
 protected:
  MadeUpProcess made_up_;
  Object user_object_{user_of_late()}, definer_object_{definer_of_late()};
  Module& user_ = user_object_.become(made_up_.open("user"));

  Module& open_definer() {
    Module& definer = definer_object_.become(made_up_.open("definer"));
    make_global(definer);
    return definer;
  }
  uint64_t slot() { return user_object_.described.word(kSlotOfLate); }
};

TEST_F(LazyBinding, FindsTheFunctionByTheNumberOfItsRelocation) {
  open_definer();
  uint64_t value = bind_function(&user_, 1);
  EXPECT_EQ(value, definer_object_.place_of_late().value);
  EXPECT_EQ(slot(), value) << "the next call goes there at once";
}

TEST_F(LazyBinding, FindsTheFunctionByTheAddressOfItsSlot) {
  open_definer();
  uint64_t slot_address = user_object_.described.image().word_address(kSlotOfLate);
  uint64_t value = bind_slot(&user_, user_object_.described.base() + slot_address);
  EXPECT_EQ(value, definer_object_.place_of_late().value);
  EXPECT_EQ(slot(), value);
}

TEST_F(LazyBinding, KeepsTheObjectThatDefinesIt) {
  Module& definer = open_definer();
  bind_function(&user_, 1);
  ASSERT_EQ(user_.dlopen_state->bound_to.size(), 1u);
  EXPECT_EQ(user_.dlopen_state->bound_to[0], &definer);
}

TEST_F(LazyBinding, OfAFunctionOfStartUpKeepsNothing) {
  definer_object_.become(made_up_.add_library("library"));
  EXPECT_EQ(bind_function(&user_, 1), definer_object_.place_of_late().value);
  EXPECT_TRUE(user_.dlopen_state->bound_to.empty());
}

// Attackers write to the GOT, which holds the address of the description.
TEST_F(LazyBinding, EndsTheProcessWhereTheDescriptionIsNoneOfOurs) {
  open_definer();
  for (auto call : {bind_function, bind_slot}) {
    ScriptedKernel kernel;
    Module forged = user_;
    bool has_ended = false;
    try {
      call(&forged, 1);
    } catch (const testing_tools::ProcessEnded&) {
      has_ended = true;
    }
    EXPECT_TRUE(has_ended);
    EXPECT_NE(kernel.written().find("overwritten"), std::string::npos) << kernel.written();
    kernel.forget_mappings();
  }
}

TEST_F(LazyBinding, EndsTheProcessWhereNothingDefinesItYet) {
  ScriptedKernel kernel;
  int status = 0;
  try {
    bind_function(&user_, 1);
  } catch (const testing_tools::ProcessEnded& ended) {
    status = ended.status;
  }
  EXPECT_EQ(status, 127);
  EXPECT_NE(kernel.written().find("late"), std::string::npos) << kernel.written();
  kernel.forget_mappings();
}

}  // namespace
}  // namespace ldseal
