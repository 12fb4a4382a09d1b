// Fuzzes what the kernel shows: the image of its vDSO, and the text of /proc/self/maps.
#include <string>

#include "arch/native.h"
#include "ldso/elf/image_extent.h"
#include "ldso/seal/system_mappings_names.h"
#include "ldso/words/report.h"
#include "tests/fuzz/fuzz_kernel.h"

namespace ldseal::fuzz {
namespace {

void read_image(ByteView bytes) {
  Result<ByteCount> extent = image_extent(bytes, Native::kMachine);
  if (!extent) report(extent.error());
}

// Each mapping in turn is what AT_SYSINFO_EHDR says.
void read_maps(std::string_view text) {
  FuzzKernel kernel;
  kernel.add_file("/proc/self/maps",
                  {reinterpret_cast<const unsigned char*>(text.data()), text.size()});
  constexpr int kMostLines = 32;
  for (int lines = 0; !text.empty() && lines < kMostLines; ++lines) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::optional<SystemMapping> mapping = parse_maps_line(std::string(line));
    if (mapping) read_system_mappings(mapping->range.start);
  }
}

}  // namespace
}  // namespace ldseal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  ldseal::fuzz::read_image(ldseal::ByteView(data, size));
  ldseal::fuzz::read_maps({reinterpret_cast<const char*>(data), size});
  return 0;
}
