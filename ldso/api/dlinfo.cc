// dlinfo(3).
#include <optional>

#include "ldso/abi/exports.h"
#include "ldso/dl/dlerror.h"
#include "ldso/dl/libc_handles.h"
#include "ldso/dl/opened.h"
#include "ldso/process/process.h"
#include "ldso/threads/tls_modules.h"

using namespace ldseal;

namespace ldseal {
namespace {

constexpr int kFailed = -1;

template <class T>
void give(void* where, T value) {
  *static_cast<T*>(where) = value;
}

// Writes the list of RTLD_DI_SERINFO. `measure` gives its size in bytes; `write` returns false if
// the caller's buffer is smaller.
class SearchPathWriter {
 public:
  explicit SearchPathWriter(const List<const char*>& directories) : directories_(directories) {}

  SearchPathInfo measure() const {
    size_t size = sizeof(SearchPathInfo) + directories_.size() * sizeof(SearchPathEntry);
    for (const char* directory : directories_) size += text_length(directory) + 1;
    return {size, static_cast<unsigned>(directories_.size())};
  }
  bool write(SearchPathInfo* info) const {
    SearchPathInfo needed = measure();
    if (info->size < needed.size || info->count < needed.count) return false;
    auto* entry = reinterpret_cast<SearchPathEntry*>(info + 1);
    auto* text = reinterpret_cast<char*>(entry + needed.count);
    for (const char* directory : directories_) {
      size_t length = text_length(directory) + 1;
      __builtin_memcpy(text, directory, length);
      *entry++ = {text, 0};
      text += length;
    }
    return true;
  }

 private:
  const List<const char*>& directories_;
};

// Those that dl_iterate_phdr reports: of libc and its rtld what libc itself reports.
const Phdr* program_headers_of(const Module& m) {
  const Phdr* ours = m.segments.headers.data();
  IterateProgramHeaders* iterate = libcs_iterate();
  if (iterate == nullptr || is_reported_by_us(m)) return ours;
  struct Search {
    uint64_t bias;
    const Phdr* found;
  } search{m.bias.value, ours};
  iterate(
      [](ProgramHeaderInfo* info, size_t, void* data) {
        auto* s = static_cast<Search*>(data);
        if (info->dlpi_addr != s->bias) return 0;
        s->found = info->dlpi_phdr;
        return 1;
      },
      &search);
  return search.found;
}

int refuse(const Module& m, int request) {
  Error e = fault(Fault::kUnknownRequest);
  e.object = m.display_name();
  e.found = static_cast<unsigned>(request);
  set_dl_error(e);
  return kFailed;
}

int answer_search(Module& m, InfoRequest request, void* where) {
  TemporaryArena scratch;
  LibrarySearch search(settings_for_later(), *process.graph.program, scratch);
  if (request == InfoRequest::kOrigin) {
    const char* origin = search.origin_of(m);
    if (origin == nullptr) return refuse(m, static_cast<int>(request));
    __builtin_memcpy(where, origin, text_length(origin) + 1);
    return 0;
  }
  List<const char*> directories = search.directories_for(m);
  SearchPathWriter writer(directories);
  auto* info = static_cast<SearchPathInfo*>(where);
  if (request == InfoRequest::kSearchPathSize) {
    *info = writer.measure();
    return 0;
  }
  return writer.write(info) ? 0 : refuse(m, static_cast<int>(request));
}

int answer(Module& m, int number, void* where) {
  auto request = static_cast<InfoRequest>(number);
  bool musl = process.runtime.family == LibcFamily::kMusl;
  if (musl && request != InfoRequest::kLinkMap) return refuse(m, number);
  switch (request) {
    case InfoRequest::kNamespace:
      give<long>(where, 0);
      return 0;
    case InfoRequest::kLinkMap:
      give(where, m.link_map);
      return 0;
    case InfoRequest::kSearchPath:
    case InfoRequest::kSearchPathSize:
    case InfoRequest::kOrigin:
      return answer_search(m, request, where);
    case InfoRequest::kTlsId:
      give<size_t>(where, public_tls_id(m));
      return 0;
    case InfoRequest::kTlsData:
      give(where, tls_data(m));
      return 0;
    case InfoRequest::kProgramHeaders:
      give(where, program_headers_of(m));
      return static_cast<int>(m.segments.headers.size());
  }
  return refuse(m, number);
}

// No value: the handle is not ld-seal's.
std::optional<int> answer_ours(void* handle, int request, void* where) {
  LockGuard guard(dl_lock);
  Module* m = module_of_handle(handle);
  if (m == nullptr) return std::nullopt;
  return answer(*m, request, where);
}

int ask_libc_of(void* handle, int request, void* where) {
  int answer = ask_libc_about(handle, kFailed, "dlinfo", request, where);
  bool tells_id = static_cast<InfoRequest>(request) == InfoRequest::kTlsId;
  if (answer != kFailed && tells_id) give(where, public_id_of_libcs(*static_cast<size_t*>(where)));
  return answer;
}

}  // namespace
}  // namespace ldseal

int dlinfo(void* handle, int request, void* where) {
  std::optional<int> ours = answer_ours(handle, request, where);
  if (ours && *ours != kFailed) note_dl_success();
  return ours ? *ours : ask_libc_of(handle, request, where);
}
