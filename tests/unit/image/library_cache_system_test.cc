// This machine's own /etc/ld.so.cache against what `ldconfig -p` prints of it.
#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "arch/native.h"
#include "ldso/image/library_cache.h"

namespace ldseal {
namespace {

struct Printed {
  std::string path;
  bool plain;  // of no hwcaps directory
};

// A line: "\tlibz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1".
std::map<std::string, std::vector<Printed>> printed_entries() {
  const std::string kArchitecture =
      Native::kMachine == EM_X86_64 ? "(libc6,x86-64" : "(libc6,AArch64";
  std::map<std::string, std::vector<Printed>> entries;
  FILE* pipe = popen("/sbin/ldconfig -p 2>/dev/null", "r");
  char line[8192];
  while (pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr) {
    std::string text(line);
    size_t name_end = text.find(' '), arrow = text.find(" => ");
    if (text[0] != '\t' || arrow == std::string::npos) continue;
    std::string kind = text.substr(name_end + 1, arrow - name_end - 1);
    if (!kind.starts_with(kArchitecture)) continue;
    bool plain = kind == kArchitecture + ")" || kind.starts_with(kArchitecture + ", OS ABI");
    entries[text.substr(1, name_end - 1)].push_back(
        {text.substr(arrow + 4, text.size() - arrow - 5), plain});
  }
  if (pipe != nullptr) pclose(pipe);
  return entries;
}

unsigned base_line() { return 1; }

TEST(SystemCache, HasEveryPlainEntryThatLdconfigPrints) {
  auto entries = printed_entries();
  if (entries.empty()) GTEST_SKIP() << "no ldconfig, or no /etc/ld.so.cache";
  std::ifstream stream("/etc/ld.so.cache", std::ios::binary);
  std::vector<char> file((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  LibraryCache cache(ByteView(file.data(), file.size()));
  for (const auto& [name, printed] : entries) {
    std::string expected;
    for (const Printed& p : printed) {
      if (p.plain && expected.empty()) expected = p.path;
    }
    Hwcaps hwcaps{Native::kHwcapsPrefix, base_line};
    const char* path = cache.find(name.c_str(), Native::kCacheFlags, hwcaps);
    EXPECT_EQ(path == nullptr ? "" : path, expected) << name;
  }
}

}  // namespace
}  // namespace ldseal
