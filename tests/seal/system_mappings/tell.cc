// Tells what each way of finding the kernel's own mappings finds in this process: for each of them its name and a line
// for each mapping as in /proc/self/maps, or the number of its doubt.
#include <cstdio>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ldso/seal/system_mappings.h"

using namespace ldseal;

static void tell(const char* name, SystemMappingsOrder order) {
  PageSize page{static_cast<uint64_t>(sysconf(_SC_PAGESIZE))};
  SystemMappings found = find_system_mappings(Address(getauxval(AT_SYSINFO_EHDR)), page, order);
  if (found.doubt != SystemMappingsDoubt::kNone) {
    std::printf("%s: doubt %d\n", name, static_cast<int>(found.doubt));
    return;
  }
  for (const SystemMapping& m : found.all()) {
    std::printf("%s: %lx-%lx %c%c%cp %s\n", name, static_cast<unsigned long>(m.range.start.value),
                static_cast<unsigned long>(m.range.end.value),
                (m.protection & PROT_READ) != 0 ? 'r' : '-',
                (m.protection & PROT_WRITE) != 0 ? 'w' : '-',
                (m.protection & PROT_EXEC) != 0 ? 'x' : '-', m.name);
  }
}

int main() {
  const SystemMappingsMethod methods[] = {
      SystemMappingsMethod::kQuery, SystemMappingsMethod::kProcMaps, SystemMappingsMethod::kAdvice};
  tell("query", {methods, 1});
  tell("text", {methods + 1, 1});
  tell("advice", {methods + 2, 1});
  tell("telling order", kTellingOrder);
  tell("quick order", kQuickOrder);
  if (std::FILE* maps = std::fopen("/proc/self/maps", "r")) {
    for (char line[4096]; std::fgets(line, sizeof(line), maps) != nullptr;) {
      std::printf("maps: %s", line);
    }
    std::fclose(maps);
  }
}
