// See descriptions.h.
#include "ldso/mem/descriptions.h"

#include <linux/mman.h>

#include "ldso/mem/mapping.h"
#include "ldso/mem/records.h"
#include "ldso/sys/kernel.h"

namespace ldseal {
namespace {

// Enough for most objects; pages that are not used cost nothing.
constexpr size_t kUsualRun = size_t{16} << 10;

void* refuse(Arena&, size_t, size_t&) {
  kernel::die("ld-seal: memory is wanted for a description that is complete\n");
}

}  // namespace

void* DescriptionArena::more_pages(Arena& arena, size_t least, size_t& given) {
  auto& self = static_cast<DescriptionArena&>(arena);
  size_t wanted = least + sizeof(Run);
  ByteCount length(self.page_.up(wanted < kUsualRun ? kUsualRun : wanted));
  Result<Mapping> pages = Mapping::separate(length);
  if (!pages) die_out_of_memory();
  auto* run = std::move(*pages).keep_forever().start.as<Run>();
  *run = {self.runs_, length};
  self.runs_ = run;
  given = length.value - sizeof(Run);
  return run + 1;
}

Status DescriptionArena::make_read_only() {
  close(refuse);
  if (!are_records_read_only()) return {};
  for (const Run* run = runs_; run != nullptr; run = run->next) {
    if (Status s = change_protection(run->pages(), PROT_READ); !s) return s;
  }
  return {};
}

DescriptionArena::~DescriptionArena() {
  for (const Run* run = runs_; run != nullptr;) {
    AddressRange pages = run->pages();
    run = run->next;
    kernel::unmap(pages.start, pages.length());
  }
}

}  // namespace ldseal
