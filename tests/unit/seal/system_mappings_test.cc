// The vDSO and its data in address spaces of many kernels, and with kernels that refuse, lie or break off.
#include "ldso/seal/system_mappings.h"

#include <gtest/gtest.h>
#include <optional>
#include <sstream>

#include "tests/lib_cc/system_mappings_layouts.h"

namespace ldseal {
namespace {

using namespace testing_tools;
using Method = SystemMappingsMethod;
using Doubt = SystemMappingsDoubt;

constexpr const char* kMaps = "/proc/self/maps";
// The lowest page of the system's, and the first above.
int64_t lowest(const Layout& layout) { return layout.parts.front().start; }
int64_t highest(const Layout& layout) { return layout.parts.back().end; }

Layout with_gaps(const Layout& layout) {
  return layout.with({lowest(layout) - 9, lowest(layout) - 3, "rw-p", ""})
      .with({highest(layout) + 1, highest(layout) + 9, "r--p", "/lib/ld-seal-x86_64.so.1"});
}
Layout touched(const Layout& layout) {
  return layout.with({lowest(layout) - 9, lowest(layout), "rw-p", ""})
      .with({highest(layout), highest(layout) + 9, "r--p", "/lib/ld-seal-x86_64.so.1"});
}
// By mappings whose names are long, and could be taken for the kernel's.
Layout touched_by_long_names(const Layout& layout) {
  std::string name = "/" + std::string(4000, 'x') + " [vvar]";
  return layout.with({lowest(layout) - 9, lowest(layout) - 1, "r--p", "/tmp/[vvar]"})
      .with({lowest(layout) - 1, lowest(layout), "r--p", name})
      .with({highest(layout), highest(layout) + 1, "r-xp", name})
      .with({highest(layout) + 1, highest(layout) + 2, "r-xp", "/tmp/[vdso]"});
}
Layout alone(const Layout& layout) { return layout; }

// "-6..-2 [vvar]", one after another; or the number of the doubt.
std::string told(const SystemMappings& found, const RecordedSpace& space) {
  if (found.doubt != Doubt::kNone) {
    EXPECT_TRUE(found.all().empty());
    return "doubt " + std::to_string(static_cast<int>(found.doubt));
  }
  std::ostringstream text;
  auto pages = [&](Address a) {
    return static_cast<int64_t>(a.value - space.vdso().value) /
           static_cast<int64_t>(space.page().value);
  };
  for (const SystemMapping& m : found.all()) {
    text << pages(m.range.start) << ".." << pages(m.range.end)
         << ((m.protection & PROT_EXEC) != 0 ? " r-x " : " r-- ") << m.name << "; ";
    EXPECT_EQ(m.protection & (PROT_READ | PROT_WRITE), PROT_READ);
  }
  return text.str();
}
std::string told(Doubt doubt) { return "doubt " + std::to_string(static_cast<int>(doubt)); }

std::string by_name(const Layout& layout) {
  std::ostringstream text;
  for (const Part& p : layout.parts) {
    text << p.start << ".." << p.end << (p.name == "[vdso]" ? " r-x " : " r-- ") << p.name << "; ";
  }
  return text.str();
}
std::string by_advice(const Layout& layout) {
  std::ostringstream text;
  if (lowest(layout) < 0) text << lowest(layout) << "..0 r-- [vvar]; ";
  text << "0.." << highest(layout) << " r-x [vdso]; ";
  return text.str();
}
std::string by(Method method, const Layout& layout) {
  return method == Method::kAdvice ? by_advice(layout) : by_name(layout);
}

// A process of that address space, with /proc.
class Process {
 public:
  explicit Process(const Layout& layout) : space(layout) {
    kernel.set_address_space(&space);
    set_maps(space.maps());
  }
  // Twice at most: a file that is replaced stays open.
  void set_maps(const std::string& text) { kernel.add_file(kMaps, {text.begin(), text.end()}); }
  void unmount_proc() { kernel.refuse(kMaps, ENOENT); }

  std::string find(SystemMappingsOrder order = kTellingOrder) {
    SystemMappings found = find_system_mappings(space.vdso(), space.page(), order);
    method = found.method;
    EXPECT_EQ(kernel.open_files(), 0u);
    return told(found, space);
  }
  std::string find_by(Method only) { return find({&only, 1}); }

  ScriptedKernel kernel;
  RecordedSpace space;
  Method method = Method::kNone;
};

struct Surroundings {
  const char* name;
  Layout (*add)(const Layout&);
};
constexpr Surroundings kSurroundings[] = {{"alone", alone},
                                          {"with_gaps", with_gaps},
                                          {"touched", touched},
                                          {"touched_by_long_names", touched_by_long_names}};

class EveryLayout : public testing::TestWithParam<std::tuple<Layout, Surroundings>> {
 protected:
  Layout layout() const { return std::get<Layout>(GetParam()); }
  Layout surrounded() const { return std::get<Surroundings>(GetParam()).add(layout()); }
};

TEST_P(EveryLayout, IsFoundByEachMethodAlone) {
  for (Method method : kTellingOrder) {
    Process process(surrounded());
    EXPECT_EQ(process.find_by(method), by(method, layout())) << static_cast<int>(method);
    EXPECT_EQ(process.method, method);
  }
}

TEST_P(EveryLayout, IsFoundInBothOrders) {
  Process process(surrounded());
  EXPECT_EQ(process.find(), by_name(layout()));
  EXPECT_EQ(process.find(kQuickOrder), by_advice(layout()));
}

TEST_P(EveryLayout, IsFoundInTheTextByAKernelThatAnswersNoQueries) {
  Process process(surrounded());
  process.space.forbid_queries();
  EXPECT_EQ(process.find(), by_name(layout()));
  EXPECT_EQ(process.method, Method::kProcMaps);
}

TEST_P(EveryLayout, IsFoundWithoutProc) {
  Process process(surrounded());
  process.unmount_proc();
  EXPECT_EQ(process.find(), by_advice(layout()));
  EXPECT_EQ(process.method, Method::kAdvice);
}

INSTANTIATE_TEST_SUITE_P(SystemMappings, EveryLayout,
                         testing::Combine(testing::ValuesIn(kLayouts),
                                          testing::ValuesIn(kSurroundings)),
                         [](const auto& info) {
                           return std::string(std::get<Layout>(info.param).name) + "_" +
                                  std::get<Surroundings>(info.param).name;
                         });

TEST(SystemMappings, WithoutAVdsoNothingIsAsked) {
  Process process(touched(kLinux618));
  SystemMappings found = find_system_mappings(Address(), process.space.page());
  EXPECT_EQ(told(found, process.space), told(Doubt::kNoVdso));
  EXPECT_TRUE(process.kernel.calls().empty());
}

TEST(SystemMappings, AVdsoBeginsAPage) {
  Process process(touched(kLinux618));
  for (SystemMappingsMethod method : kTellingOrder) {
    SystemMappings found = find_system_mappings(process.space.vdso() + ByteCount(64),
                                                process.space.page(), {&method, 1});
    EXPECT_EQ(told(found, process.space), told(Doubt::kForeign)) << static_cast<int>(method);
  }
}

// rr unmaps the data and points AT_SYSINFO_EHDR at a page of its own.
TEST(SystemMappings, ATracersPageIsForeign) {
  Layout traced{"rr", 4096, 0x900, {{0, 1, "r-xp", "/usr/lib/rr/librrpage.so"}}};
  for (Method method : kTellingOrder) {
    Process process(traced);
    EXPECT_EQ(process.find_by(method), told(Doubt::kForeign)) << static_cast<int>(method);
  }
}

// QEMU user-mode answers 0 to any advice, and shows a page of its own as [vdso].
TEST(SystemMappings, AnEmulatorsPageIsForeign) {
  Layout emulated{"qemu", 4096, 0x980, {vdso(1)}};
  for (SystemMappingsOrder order :
       {SystemMappingsOrder(kTellingOrder), SystemMappingsOrder(kQuickOrder)}) {
    Process process(emulated);
    process.space.forbid_queries();
    process.space.set_advice(Advice::kAlwaysGood);
    EXPECT_EQ(process.find(order), told(Doubt::kForeign));
  }
}

TEST(SystemMappings, AnImageThatIsLinkedToAFixedAddressIsMeasuredByItsOffsets) {
  Process process(kLinux618);
  process.space.segment().p_vaddr = 0xffffffffff700000;
  EXPECT_EQ(process.find(), by_name(kLinux618));
}

TEST(SystemMappings, NothingAtTheAddressIsForeign) {
  Layout empty{"empty", 4096, 0x900, {{4, 8, "r-xp", "/lib/libc.so.6"}}};
  for (Method method : kTellingOrder) {
    Process process(empty);
    EXPECT_EQ(process.find_by(method), told(Doubt::kForeign)) << static_cast<int>(method);
  }
}

TEST(SystemMappings, TheMiddleOfTheVdsoIsForeign) {
  Layout shifted{"shifted", 4096, 0x900, {{-1, 1, "r-xp", "[vdso]", Special::kYes}}};
  for (Method method : {Method::kQuery, Method::kProcMaps}) {
    Process process(shifted);
    EXPECT_EQ(process.find_by(method), told(Doubt::kForeign)) << static_cast<int>(method);
  }
}

TEST(SystemMappings, AVdsoThatCannotBeReadIsLeftAlone) {
  Layout unreadable = kLinux618.with({0, 2, "--xp", "[vdso]", Special::kYes});
  Process process(unreadable);
  EXPECT_EQ(process.find(), told(Doubt::kForeign));
}

TEST(SystemMappings, DataBehindAGapIsLeftOut) {
  Layout parted{"parted", 4096, 0x900, {data(-6, -2), vdso(1)}};
  for (Method method : kTellingOrder) {
    Process process(parted);
    EXPECT_EQ(process.find_by(method), "0..1 r-x [vdso]; ") << static_cast<int>(method);
  }
}

TEST(SystemMappings, DataBeforeAnotherMappingIsLeftOut) {
  Layout parted = Layout{"parted", 4096, 0x900, {data(-6, -2), vdso(1)}}.with({-2, 0, "rw-p", ""});
  for (Method method : kTellingOrder) {
    Process process(parted);
    EXPECT_EQ(process.find_by(method), "0..1 r-x [vdso]; ") << static_cast<int>(method);
  }
}

class WrongImage : public testing::Test {
 protected:
  void expect(Doubt names, Doubt advice) {
    EXPECT_EQ(process_.find_by(Method::kQuery), told(names));
    EXPECT_EQ(process_.find_by(Method::kProcMaps), told(names));
    EXPECT_EQ(process_.find_by(Method::kAdvice), told(advice));
  }
  Process process_{kLinux618};
};

TEST_F(WrongImage, LongerThanTheMapping) {
  process_.space.segment().p_memsz = 0x2001;
  expect(Doubt::kDisagreement, Doubt::kDisagreement);
}
TEST_F(WrongImage, ShorterThanTheMapping) {
  process_.space.header().e_shoff = 0x800;
  expect(Doubt::kDisagreement, Doubt::kNeighbour);
}
TEST_F(WrongImage, OfAnotherMachine) {
  process_.space.header().e_machine = EM_S390;
  expect(Doubt::kBadImage, Doubt::kBadImage);
}
TEST_F(WrongImage, WithASegmentThatWraps) {
  process_.space.segment().p_offset = UINT64_MAX;
  expect(Doubt::kBadImage, Doubt::kBadImage);
}
TEST_F(WrongImage, WithAnEndInTheLastPageOfAll) {
  process_.space.segment().p_filesz = UINT64_MAX - 1;
  expect(Doubt::kBadImage, Doubt::kBadImage);
}
TEST_F(WrongImage, WithItsProgramHeadersOutsideTheFirstPage) {
  process_.space.header().e_phoff = 4096;
  expect(Doubt::kBadImage, Doubt::kBadImage);
}

TEST(SystemMappings, ASpecialNeighbourAboveIsToldApartByNameOnly) {
  Layout layout = kLinux618.with({2, 3, "r-xp", "[uprobes]", Special::kYes});
  Process process(layout);
  EXPECT_EQ(process.find_by(Method::kAdvice), told(Doubt::kNeighbour));
  EXPECT_EQ(process.find(), by_name(kLinux618));
  EXPECT_EQ(process.find(kQuickOrder), by_name(kLinux618));
  EXPECT_EQ(process.method, Method::kQuery);
}

TEST(SystemMappings, ALargeSpecialNeighbourBelowIsToldApartByNameOnly) {
  Layout layout = kLinux618.with({-106, -6, "rw-s", "/dev/dri/card0", Special::kYes});
  Process process(layout);
  EXPECT_EQ(process.find_by(Method::kAdvice), told(Doubt::kNeighbour));
  EXPECT_EQ(process.find(kQuickOrder), by_name(kLinux618));
}

TEST(SystemMappings, ANeighbourThatNobodyCanNameIsADoubt) {
  Process process(kLinux618.with({2, 3, "r-xp", "[uprobes]", Special::kYes}));
  process.unmount_proc();
  EXPECT_EQ(process.find(), told(Doubt::kNeighbour));
  EXPECT_EQ(process.find(kQuickOrder), told(Doubt::kNeighbour));
}

TEST(SystemMappings, MoreDataThanAnyKernelHasIsADoubt) {
  Process pages(Layout{"pages", 4096, 0x900, {data(-40, 0), vdso(1)}});
  EXPECT_EQ(pages.find(), told(Doubt::kTooLarge));
}

TEST(SystemMappings, MoreMappingsThanAnyKernelHasAreADoubt) {
  Layout layout{
      "mappings", 4096, 0x900, {data(-4, -3), data(-3, -2), data(-2, -1), data(-1, 0), vdso(1)}};
  for (Method method : {Method::kQuery, Method::kProcMaps}) {
    Process process(layout);
    EXPECT_EQ(process.find_by(method), told(Doubt::kTooLarge)) << static_cast<int>(method);
  }
}

TEST(SystemMappings, ANameOnOrdinaryMemoryIsADisagreement) {
  Process process(kLinux618.with({-7, -6, "r--p", "[vvar]"}));
  EXPECT_EQ(process.find(), told(Doubt::kDisagreement));
}

TEST(SystemMappings, NamesAreBelievedWhereNoAdviceIsGiven) {
  Process process(touched(kLinux618));
  process.space.set_advice(Advice::kRefused);
  EXPECT_EQ(process.find(), by_name(kLinux618));
  EXPECT_EQ(process.find(kQuickOrder), by_name(kLinux618));
}

TEST(SystemMappings, AFilterThatAnswersInvalidIsNoAdvice) {
  Process process(touched(kLinux618));
  process.space.set_advice(Advice::kAlwaysInvalid);
  EXPECT_EQ(process.find_by(Method::kAdvice), told(Doubt::kNeighbour));
  EXPECT_EQ(process.find(kQuickOrder), by_name(kLinux618));
}

TEST(SystemMappings, WithoutProcAndAdviceNothingCanBeTold) {
  Process process(touched(kLinux618));
  process.unmount_proc();
  process.space.set_advice(Advice::kRefused);
  EXPECT_EQ(process.find(), told(Doubt::kNoMethod));
}

TEST(SystemMappings, AnotherFileInPlaceOfMapsIsPassedOver) {
  for (const char* text : {"", "\n", "no maps\n", "7f00-7f01\n", "7f01-7f00 r--p 0 0 0\n",
                           "7f00-7f01 rwzp 0 0:0 0 \n", "7f00-7g01 r--p 0 0:0 0 \n"}) {
    Process process(touched(kLinux618));
    process.space.forbid_queries();
    process.set_maps(text);
    EXPECT_EQ(process.find_by(Method::kProcMaps), told(Doubt::kNoMethod)) << text;
    EXPECT_EQ(process.find(), by_advice(kLinux618)) << text;
  }
}

TEST(SystemMappings, ADirectoryInPlaceOfMapsIsPassedOver) {
  Process process(touched(kLinux618));
  process.space.forbid_queries();
  process.kernel.add_directory(kMaps);
  EXPECT_EQ(process.find(), by_advice(kLinux618));
}

TEST(SystemMappings, AReadMayEndAnywhere) {
  Process process(touched_by_long_names(kLinux618));
  for (size_t bytes = 1; bytes < process.space.maps().size(); bytes += bytes < 100 ? 1 : 37) {
    process.kernel.shorten_read_after(0, bytes);
    ASSERT_EQ(process.find_by(Method::kProcMaps), by_name(kLinux618)) << bytes;
  }
}

TEST(SystemMappings, ATextThatBreaksOffTellsNothingOrAll) {
  constexpr std::string_view kLast = "[vdso]\n";
  size_t length = RecordedSpace(touched(kLinux618)).maps().size();
  for (size_t size = 0; size <= length; ++size) {
    Process process(touched(kLinux618));
    std::string text = process.space.maps().substr(0, size);
    process.set_maps(text);
    bool is_enough = text.find(kLast) != std::string::npos;
    std::string expected = is_enough ? by_name(kLinux618) : told(Doubt::kNoMethod);
    ASSERT_EQ(process.find_by(Method::kProcMaps), expected) << size;
  }
}

TEST(SystemMappings, OneRefusedCallNeverMakesAWrongExtent) {
  for (SystemMappingsOrder order :
       {SystemMappingsOrder(kTellingOrder), SystemMappingsOrder(kQuickOrder)}) {
    for (int number : {EPERM, EIO, ENOSYS}) {
      for (size_t call = 0;; ++call) {
        Process process(touched(kLinux618));
        process.kernel.fail_after(call, number);
        std::string found = process.find(order);
        bool exact = found == by_name(kLinux618) || found == by_advice(kLinux618);
        EXPECT_TRUE(exact || found == told(Doubt::kDisagreement)) << call << ": " << found;
        if (process.kernel.refused_call().empty()) break;
      }
    }
  }
}

}  // namespace
}  // namespace ldseal
