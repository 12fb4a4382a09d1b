// What no segment covers, where the kernel has guards, has none, says so falsely, or must not be asked.
#include <cerrno>
#include <set>
#include <sys/mman.h>

#include "ldso/mem/guards.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/mapped_shapes.h"
#include "tests/lib_cc/memory_map.h"
#include "tests/lib_cc/planned.h"

namespace ldseal {
namespace {

using namespace testing_tools;

enum class Guards { kWork, kUnknown, kLie, kForbidden };

// The machine's own memory, guards apart.
class GuardsOf : public AddressSpace {
 public:
  explicit GuardsOf(Guards guards) : guards_(guards) {}
  long advise(AddressRange range, int advice) override {
    if (guards_ == Guards::kLie) return 0;
    if (guards_ == Guards::kUnknown && advice == kGuardInstall) return -EINVAL;
    int answer = madvise(range.start.as<void>(), range.length().value, advice);
    return answer == 0 ? 0 : -errno;
  }
  long mapping_at(Address, kernel::MappingStatus&) override { return -ENOTTY; }

 private:
  static constexpr int kGuardInstall = 102;  // MADV_GUARD_INSTALL
  Guards guards_;
};

struct Behaviour {
  const char* name;
  Guards guards;
};
const Behaviour kBehaviours[] = {{"GuardsWork", Guards::kWork},
                                 {"GuardsAreUnknown", Guards::kUnknown},
                                 {"GuardsAreALie", Guards::kLie},
                                 {"GuardsAreForbidden", Guards::kForbidden}};

class MapHolesDeathTest : public testing::TestWithParam<std::tuple<Behaviour, Shape>> {
 protected:
  Guards guards() const { return std::get<Behaviour>(GetParam()).guards; }

  // In a process of its own: the second object is mapped when the first has shown what guards are.
  template <class Check>
  void check_both_objects(const Check& check) {
    in_fresh_process([&] {
      if (guards() == Guards::kForbidden) forbid_guards();
      GuardsOf space(guards());
      MappedObject object(std::get<Shape>(GetParam()).file(),
                          [&](ScriptedKernel& kernel) { kernel.set_address_space(&space); });
      ASSERT_EQ(object.error, Error{});
      check(object);
      object.module = named_module();
      object.map(object.module);
      ASSERT_EQ(object.error, Error{});
      check(object);
    });
  }

  static void check_that_no_hole_can_be_touched(const MappedObject& object) {
    for_each_hole(object, [](const Phdr&, AddressRange hole) {
      for_each_page(hole, [](Address page) { ASSERT_FALSE(can_be_read(page)); });
    });
  }

  // A hole belongs to the constant segment before it only where guards work.
  void check_which_holes_belong_to_the_segment_before(const MappedObject& object) const {
    for_each_hole(object, [&](const Phdr& before, AddressRange hole) {
      bool is_covered =
          guards() == Guards::kWork && stays_constant(object.module.segments, before, kPages);
      Address last_page = hole.start - ByteCount(kPage);
      std::string expected = is_covered ? mapped_at(last_page).flags : "---p";
      for_each_page(hole, [&](Address page) { ASSERT_EQ(mapped_at(page).flags, expected); });
    });
  }

  static void check_that_they_are_planned_as_mapped(const MappedObject& object) {
    Policy policy;
    policy.wanted = UINT32_MAX;
    HeapArena arena;
    Plan plan(policy, kPages, arena);
    const Module& m = object.module;
    plan.add_object({m.segments, m.bias, "object", m.holes_are_guarded});
    std::set<uint64_t> planned;
    for (const PlannedRange& r : plan.ranges()) {
      if (r.verdict != Verdict::kSealed) continue;
      for_each_page(r.range, [&](Address page) { planned.insert(page.value); });
    }
    for_each_page(m.span, [&](Address page) {
      bool is_readable = mapped_at(page).flags[0] == 'r';
      ASSERT_EQ(planned.count(page.value) != 0, is_readable) << std::hex << (page - m.bias).value;
    });
  }

 private:
  // `visit` gets the segment before the hole, too.
  static void for_each_hole(const MappedObject& object,
                            const std::function<void(const Phdr&, AddressRange)>& visit) {
    std::vector<Phdr> loads = object.loads();
    for (size_t i = 0; i + 1 < loads.size(); ++i) {
      AddressRange hole{object.pages(loads[i]).end, object.pages(loads[i + 1]).start};
      if (!hole.empty()) visit(loads[i], hole);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Of, MapHolesDeathTest,
                         testing::Combine(testing::ValuesIn(kBehaviours),
                                          testing::ValuesIn(kShapes)),
                         [](const auto& info) {
                           return std::string(std::get<Behaviour>(info.param).name) + "_" +
                                  std::get<Shape>(info.param).name;
                         });

// All in one process: the start of a process takes longest.
TEST_P(MapHolesDeathTest, CannotBeTouchedAndArePlannedAsTheyAreMapped) {
  check_both_objects([this](const MappedObject& object) {
    check_that_no_hole_can_be_touched(object);
    check_which_holes_belong_to_the_segment_before(object);
    check_that_they_are_planned_as_mapped(object);
  });
}

}  // namespace
}  // namespace ldseal
