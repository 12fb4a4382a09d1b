// Damage to the program headers.
#include "tests/damage/damage_case.h"

namespace ldseal::damage {
namespace {

Error at_segment(const Phdr& ph, Fault f, const char* field, uint64_t found, uint64_t wanted) {
  return error_at(Place::kVaddr, ph.p_vaddr, error_in(f, field, found, wanted));
}

// The text reaches into the first page of the data, which is mapped over it.
DamageCase sharing(const char* name, uint32_t text_flags, uint32_t data_flags) {
  return {name, Stage::kSegments, [=](ElfImage& e) {
            constexpr uint64_t kMoved = 64;
            Phdr &text = e.text(), &data = e.data();
            data.p_vaddr += kMoved, data.p_offset += kMoved;
            data.p_filesz -= kMoved, data.p_memsz -= kMoved;
            text.p_filesz = text.p_memsz = data.p_vaddr;
            text.p_flags = text_flags;
            data.p_flags = data_flags;
            return at_segment(data, Fault::kSegmentHidden, "PT_LOAD p_flags", data_flags,
                              text_flags);
          }};
}

}  // namespace

const std::vector<DamageCase>& segment_cases() {
  static const std::vector<DamageCase> cases = {
      {"ThereIsNoLoadSegment", Stage::kSegments,
       [](ElfImage& e) {
         e.data().p_type = PT_NULL;
         e.text().p_type = PT_NULL;
         return fault(Fault::kNoLoadSegment);
       }},
      {"LoadSegmentsAreEmpty", Stage::kSegments,
       [](ElfImage& e) {
         for (Phdr* ph : {&e.text(), &e.data()}) ph->p_filesz = ph->p_memsz = 0;
         return fault(Fault::kNoLoadSegment);
       }},
      {"LoadSegmentIsLargerInTheFileThanInMemory", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.text();
         ph.p_memsz = ph.p_filesz - 1;
         return at_segment(ph, Fault::kFileSizeAboveMemorySize, "PT_LOAD p_filesz", ph.p_filesz,
                           ph.p_memsz);
       }},
      {"LoadSegmentBeginsBehindTheFile", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.data();
         ph.p_offset += 0x10000;
         return at_segment(ph, Fault::kSegmentOutsideFile, "PT_LOAD p_offset + p_filesz",
                           ph.p_offset + ph.p_filesz, e.bytes.size());
       }},
      {"FileIsTruncatedInALoadSegment", Stage::kSegments,
       [](ElfImage& e) {
         Phdr ph = e.data();
         e.bytes.pop_back();
         return at_segment(ph, Fault::kSegmentOutsideFile, "PT_LOAD p_offset + p_filesz",
                           ph.p_offset + ph.p_filesz, e.bytes.size());
       }},
      {"LoadSegmentsFilePartWraps", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.data();
         ph.p_offset = 0 - kPage;
         return at_segment(ph, Fault::kSegmentOutsideFile, "PT_LOAD p_offset + p_filesz",
                           ph.p_offset + ph.p_filesz, e.bytes.size());
       }},
      {"LoadSegmentsMemoryWraps", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.data();
         ph.p_memsz = UINT64_MAX - kPage;
         return at_segment(ph, Fault::kSegmentWraps, "PT_LOAD p_vaddr", ph.p_vaddr, ph.p_memsz);
       }},
      {"LoadSegmentsLastPageWraps", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.data();
         ph.p_vaddr = 0 - kPage;
         ph.p_memsz = ph.p_filesz = kPage - 1;
         ph.p_offset = 0;
         return at_segment(ph, Fault::kSegmentWraps, "PT_LOAD p_vaddr", ph.p_vaddr, ph.p_memsz);
       }},
      {"LoadSegmentIsShiftedWithinItsPage", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.data();
         ph.p_offset -= 8;
         return at_segment(ph, Fault::kSegmentNotCongruent, "PT_LOAD p_offset", ph.p_offset, kPage);
       }},
      {"LoadSegmentsOverlap", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& first = e.text();
         first.p_memsz = e.data().p_vaddr + 1;
         return at_segment(e.data(), Fault::kSegmentOrder, "PT_LOAD p_vaddr", e.data().p_vaddr,
                           first.p_memsz);
       }},
      {"LoadSegmentsAreInDescendingOrder", Stage::kSegments,
       [](ElfImage& e) {
         std::swap(e.text(), e.data());
         Phdr &first = e.text(), &second = e.data();
         return at_segment(second, Fault::kSegmentOrder, "PT_LOAD p_vaddr", 0,
                           first.p_vaddr + first.p_memsz);
       }},
      sharing("PageOfTheDynamicSectionIsMappedWithoutAccess", PF_R | PF_W, 0),
      sharing("PageOfRelocatedWordsIsMappedReadOnly", PF_R | PF_W, PF_R),
      sharing("PageOfReadableTablesIsMappedExecutableOnly", PF_R, PF_X),
      {"AlignmentOfALoadSegmentIsNoPowerOfTwo", Stage::kSegments,
       [](ElfImage& e) {
         e.text().p_align = 0x3000;
         return at_segment(e.text(), Fault::kBadAlignment, "PT_LOAD p_align", 0x3000, kPage);
       }},
      {"AlignmentOfTlsIsNoPowerOfTwo", Stage::kSegments,
       [](ElfImage& e) {
         e.segment(PT_TLS).p_align = 24;
         return at_segment(e.segment(PT_TLS), Fault::kBadAlignment, "PT_TLS p_align", 24, 1);
       }},
      {"TlsIsLargerInTheFileThanInMemory", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.segment(PT_TLS);
         ph.p_filesz = ph.p_memsz + 1;
         return at_segment(ph, Fault::kFileSizeAboveMemorySize, "PT_TLS p_filesz", ph.p_filesz,
                           ph.p_memsz);
       }},
      {"TlsImageIsInNoLoadSegment", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.segment(PT_TLS);
         ph.p_vaddr += 0x100000;
         return at_segment(ph, Fault::kBadTlsSegment, "PT_TLS p_vaddr", ph.p_vaddr, ph.p_filesz);
       }},
      {"TlsImageIsInASegmentThatCannotBeRead", Stage::kSegments,
       [](ElfImage& e) {
         e.data().p_flags = PF_W;
         const Phdr& ph = e.segment(PT_TLS);
         return at_segment(ph, Fault::kBadTlsSegment, "PT_TLS p_vaddr", ph.p_vaddr, ph.p_filesz);
       }},
      {"DynamicSectionIsInNoLoadSegment", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.segment(PT_DYNAMIC);
         ph.p_vaddr = e.places.memory_end;
         return at_segment(ph, Fault::kDynamicOutside, "PT_DYNAMIC p_vaddr", ph.p_vaddr,
                           ph.p_memsz);
       }},
      {"DynamicSectionLeavesItsLoadSegment", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.segment(PT_DYNAMIC);
         ph.p_memsz = e.places.memory_end - ph.p_vaddr + 1;
         return at_segment(ph, Fault::kDynamicOutside, "PT_DYNAMIC p_vaddr", ph.p_vaddr,
                           ph.p_memsz);
       }},
      {"RelroReachesBeyondTheObject", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.segment(PT_GNU_RELRO);
         ph.p_memsz = 0x100000;
         return at_segment(ph, Fault::kBadRelroSegment, "PT_GNU_RELRO p_vaddr", ph.p_vaddr,
                           ph.p_memsz);
       }},
      {"RelroWraps", Stage::kSegments,
       [](ElfImage& e) {
         Phdr& ph = e.segment(PT_GNU_RELRO);
         ph.p_memsz = UINT64_MAX;
         return at_segment(ph, Fault::kBadRelroSegment, "PT_GNU_RELRO p_vaddr", ph.p_vaddr,
                           ph.p_memsz);
       }},
  };
  return cases;
}

}  // namespace ldseal::damage
