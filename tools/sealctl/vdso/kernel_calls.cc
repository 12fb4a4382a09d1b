// The calls by which the loader's sources find the kernel's own mappings in this process. Like
// check/kernel_in_root.cc they take the place of the loader's sys/kernel.cc.
#include <cerrno>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "ldso/sys/kernel.h"

namespace ldseal::kernel {
namespace {

// The structure of PROCMAP_QUERY in linux/fs.h, which older headers lack.
struct Query {
  uint64_t size, query_flags, query_addr, vma_start, vma_end, vma_flags, vma_page_size, vma_offset,
      inode;
  uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
  uint64_t vma_name_addr, build_id_addr;
};

constexpr unsigned long kProcmapQuery = _IOWR('f', 17, Query);
constexpr uint64_t kReadable = 1, kWritable = 2, kExecutable = 4;

int protection_of(uint64_t flags) {
  return ((flags & kReadable) != 0 ? PROT_READ : 0) | ((flags & kWritable) != 0 ? PROT_WRITE : 0) |
         ((flags & kExecutable) != 0 ? PROT_EXEC : 0);
}

Answer answer_of(int result) { return {result < 0 ? -static_cast<long>(errno) : result}; }

}  // namespace

Answer advise(Address start, ByteCount length, int advice) {
  return answer_of(madvise(start.as<void>(), length.value, advice));
}

Answer mapping_at(int maps, Address address, MappingStatus& status) {
  Query query{};
  query.size = sizeof query;
  query.query_addr = address.value;
  query.vma_name_addr = reinterpret_cast<uintptr_t>(status.name);
  query.vma_name_size = MappingStatus::kNameCapacity;
  status.name[0] = '\0';
  const Answer answer = answer_of(ioctl(maps, kProcmapQuery, &query));
  if (!answer.failed()) {
    status.range = {Address(query.vma_start), Address(query.vma_end)};
    status.protection = protection_of(query.vma_flags);
  }
  return answer;
}

}  // namespace ldseal::kernel
