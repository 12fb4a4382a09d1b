// See procmap_query.h. The structure is that of linux/fs.h, which older headers lack.
#include "tools/sealctl/doctor/procmap_query.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include "tools/sealctl/files.h"

namespace sealctl::doctor {
namespace {

struct Query {
  uint64_t size, query_flags, query_addr, vma_start, vma_end, vma_flags, vma_page_size, vma_offset,
      inode;
  uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
  uint64_t vma_name_addr, build_id_addr;
};

constexpr unsigned long kProcmapQuery = _IOWR('f', 17, Query);
constexpr uint64_t kCoveringOrNext = 0x10;

}  // namespace

std::optional<QueriedMapping> query_mapping(uint64_t address) {
  const Descriptor maps(open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
  char name[256];
  Query query{};
  query.size = sizeof query;
  query.query_flags = kCoveringOrNext;
  query.query_addr = address;
  query.vma_name_addr = reinterpret_cast<uintptr_t>(name);
  query.vma_name_size = sizeof name;
  if (!maps || ioctl(maps.number(), kProcmapQuery, &query) != 0) return std::nullopt;
  const bool has_name = query.vma_name_size != 0;
  return QueriedMapping{query.vma_start, query.vma_end, has_name ? std::string(name) : ""};
}

}  // namespace sealctl::doctor
