// /etc/ld.so.cache, as a test writes it.
#include "ldso/image/library_cache.h"

#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ldseal {
namespace {

constexpr int32_t kOurs = 0x0303;
constexpr int32_t kOther = 0x0003;
constexpr uint64_t kExtension = uint64_t{1} << 62;
constexpr const char* kPrefix = "x86-64-v";

struct Entry {
  std::string name;
  std::string path;
  int32_t flags = kOurs;
  uint64_t hwcap = 0;
};

// The file that ldconfig writes: entries in the given order, strings, and the names of hwcaps directories.
std::vector<char> cache_file(const std::vector<Entry>& entries,
                             const std::vector<std::string>& hwcaps = {}) {
  constexpr size_t kHeader = 48, kEntry = 24;
  std::vector<char> file(kHeader + entries.size() * kEntry);
  auto put = [&file](size_t at, auto value) { std::memcpy(&file[at], &value, sizeof value); };
  auto add_string = [&file](const std::string& text) {
    auto at = static_cast<uint32_t>(file.size());
    file.insert(file.end(), text.c_str(), text.c_str() + text.size() + 1);
    return at;
  };
  std::memcpy(file.data(), "glibc-ld.so.cache1.1", 20);
  put(20, static_cast<uint32_t>(entries.size()));
  for (size_t i = 0; i < entries.size(); ++i) {
    size_t at = kHeader + i * kEntry;
    uint32_t key = add_string(entries[i].name), value = add_string(entries[i].path);
    put(at, entries[i].flags), put(at + 4, key), put(at + 8, value), put(at + 16, entries[i].hwcap);
  }
  std::vector<uint32_t> names;
  for (const std::string& name : hwcaps) names.push_back(add_string(name));
  put(24, static_cast<uint32_t>(file.size() - kHeader - entries.size() * kEntry));
  if (hwcaps.empty()) return file;
  while (file.size() % 4 != 0) file.push_back('\0');
  auto extension = static_cast<uint32_t>(file.size());
  put(32, extension);
  auto after = static_cast<uint32_t>(extension + 8 + 16);
  file.resize(after + names.size() * 4);
  put(extension, uint32_t{0xeaa42174}), put(extension + 4, uint32_t{1});
  put(extension + 8, uint32_t{1}), put(extension + 12, uint32_t{0});
  put(extension + 16, after), put(extension + 20, static_cast<uint32_t>(names.size() * 4));
  for (size_t i = 0; i < names.size(); ++i) put(after + i * 4, names[i]);
  return file;
}

template <unsigned kLevel>
unsigned level() {
  return kLevel;
}

std::string found(const std::vector<char>& file, const char* name,
                  unsigned (*isa_level)() = level<1>) {
  LibraryCache cache(ByteView(file.data(), file.size()));
  const char* path = cache.find(name, kOurs, {kPrefix, isa_level});
  return path == nullptr ? "" : path;
}

TEST(LibraryCache, FindsEachEntry) {
  auto file = cache_file({{"libz.so.1", "/z"}, {"libm.so.6", "/m"}, {"liba.so", "/a"}});
  EXPECT_EQ(found(file, "libz.so.1"), "/z");
  EXPECT_EQ(found(file, "libm.so.6"), "/m");
  EXPECT_EQ(found(file, "liba.so"), "/a");
}
TEST(LibraryCache, DoesNotFindWhatIsNotThere) {
  auto file = cache_file({{"libz.so.1", "/z"}, {"liba.so", "/a"}});
  for (const char* name : {"", "libm.so", "libz.so", "libz.so.10", "zzz", "libA.so"})
    EXPECT_EQ(found(file, name), "");
}
TEST(LibraryCache, RunsOfDigitsAreComparedAsNumbers) {
  std::vector<Entry> entries;
  for (int i = 120; i > 0; --i)
    entries.push_back({"libx.so." + std::to_string(i), "/" + std::to_string(i)});
  auto file = cache_file(entries);
  for (const Entry& e : entries) EXPECT_EQ(found(file, e.name.c_str()), e.path);
}
TEST(LibraryCache, DigitsStandBeforeLettersInTheDescendingOrder) {
  auto file = cache_file({{"lib9.so", "/9"}, {"libx.so", "/x"}, {"lib-.so", "/-"}});
  EXPECT_EQ(found(file, "lib9.so"), "/9");
  EXPECT_EQ(found(file, "libx.so"), "/x");
  EXPECT_EQ(found(file, "lib-.so"), "/-");
}
TEST(LibraryCache, PassesOverEntriesOfOtherArchitectures) {
  auto file = cache_file({{"libz.so.1", "/32", kOther}, {"libz.so.1", "/64"}});
  EXPECT_EQ(found(file, "libz.so.1"), "/64");
  EXPECT_EQ(found(cache_file({{"libz.so.1", "/32", kOther}}), "libz.so.1"), "");
}
TEST(LibraryCache, TheFirstOfEqualEntriesWins) {
  EXPECT_EQ(found(cache_file({{"libz.so", "/first"}, {"libz.so", "/second"}}), "libz.so"),
            "/first");
}
TEST(LibraryCache, EntriesWithTheHwcapsOfOldAreNotUsed) {
  EXPECT_EQ(found(cache_file({{"libz.so", "/old", kOurs, 4}, {"libz.so", "/plain"}}), "libz.so"),
            "/plain");
}

TEST(LibraryCache, TheBestDirectoryUpToTheProcessorsLevelWins) {
  auto file = cache_file({{"libz.so", "/v3", kOurs, kExtension | 1},
                          {"libz.so", "/v2", kOurs, kExtension | 0},
                          {"libz.so", "/plain"}},
                         {"x86-64-v2", "x86-64-v3"});
  EXPECT_EQ(found(file, "libz.so", level<1>), "/plain");
  EXPECT_EQ(found(file, "libz.so", level<2>), "/v2");
  EXPECT_EQ(found(file, "libz.so", level<3>), "/v3");
  EXPECT_EQ(found(file, "libz.so", level<4>), "/v3");
}
TEST(LibraryCache, DirectoriesOfOtherNamesAreNotUsed) {
  auto file =
      cache_file({{"libz.so", "/power", kOurs, kExtension | 0}, {"libz.so", "/plain"}}, {"power9"});
  EXPECT_EQ(found(file, "libz.so", level<4>), "/plain");
}
TEST(LibraryCache, ADirectoryIndexOutsideTheTableIsNotUsed) {
  auto file = cache_file({{"libz.so", "/far", kOurs, kExtension | 9}, {"libz.so", "/plain"}},
                         {"x86-64-v2"});
  EXPECT_EQ(found(file, "libz.so", level<4>), "/plain");
}
TEST(LibraryCache, TheProcessorIsAskedOnlyWhereThereIsAChoice) {
  auto never = +[]() -> unsigned {
    ADD_FAILURE() << "asked";
    return 1;
  };
  EXPECT_EQ(found(cache_file({{"libz.so", "/plain"}}), "libz.so", never), "/plain");
}

TEST(LibraryCache, OtherFormatsKnowNothing) {
  auto file = cache_file({{"libz.so", "/z"}});
  file[19] = '2';
  EXPECT_EQ(found(file, "libz.so"), "");
  EXPECT_EQ(found({}, "libz.so"), "");
  EXPECT_EQ(found(std::vector<char>(10, 'x'), "libz.so"), "");
}
TEST(LibraryCache, MoreEntriesThanTheFileHasBytesKnowNothing) {
  auto file = cache_file({{"libz.so", "/z"}});
  uint32_t many = 0x10000000;
  std::memcpy(&file[20], &many, 4);
  EXPECT_EQ(found(file, "libz.so"), "");
}
TEST(LibraryCache, EveryDamagedByteIsEitherHarmlessOrFindsNothingOutsideTheFile) {
  const auto right =
      cache_file({{"libz.so", "/v2", kOurs, kExtension | 0}, {"libz.so", "/plain"}}, {"x86-64-v2"});
  for (size_t at = 0; at < right.size(); ++at) {
    for (unsigned char value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      auto file = right;
      file[at] = static_cast<char>(value);
      file.shrink_to_fit();  // so that a sanitizer sees a read beyond it
      found(file, "libz.so", level<3>);
    }
  }
}

TEST(HwcapsLevel, IsTheDigitBehindThePrefix) {
  EXPECT_EQ(hwcaps_level("x86-64-v2", kPrefix), 2u);
  EXPECT_EQ(hwcaps_level("x86-64-v4", kPrefix), 4u);
}
TEST(HwcapsLevel, IsZeroForAnyOtherName) {
  for (const char* name : {"", "x86-64-v", "x86-64-v1", "x86-64-v22", "x86-64-vx", "power9"}) {
    EXPECT_EQ(hwcaps_level(name, kPrefix), 0u) << name;
  }
  EXPECT_EQ(hwcaps_level("x86-64-v2", nullptr), 0u);
}

}  // namespace
}  // namespace ldseal
