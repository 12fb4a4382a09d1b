// backtrace_symbols(3) and backtrace_symbols_fd(3). libc's own functions know only the objects that
// libc has loaded by itself. The lines have glibc's form.
#include "ldso/abi/exports.h"
#include "ldso/base/text.h"
#include "ldso/dl/opened.h"
#include "ldso/dl/symbol_lookup.h"
#include "ldso/mem/heap.h"
#include "ldso/process/process.h"
#include "ldso/sys/kernel.h"

using namespace ldseal;

namespace ldseal {
namespace {

struct Frame {
  uintptr_t address;
  const char* file;    // null: the address is in no object
  const char* symbol;  // null: no symbol covers the address
  uintptr_t start;     // of the symbol; without one, the object's load bias

  // An upper bound of the length of its line, without the terminating null byte.
  size_t longest() const {
    constexpr size_t kNumbersAndSigns = 48;
    size_t texts = (file == nullptr ? 0 : text_length(file)) + text_length(name());
    return texts + kNumbersAndSigns;
  }
  const char* name() const { return symbol == nullptr ? "" : symbol; }
};

Frame describe_frame(void* address) {
  AddressInfo info = {};
  void* map = nullptr;
  Frame frame = {reinterpret_cast<uintptr_t>(address), nullptr, nullptr, 0};
  bool is_known = dladdr1(address, &info, &map, static_cast<int>(AddressExtra::kLinkMap)) != 0;
  if (!is_known || info.file_name == nullptr || info.file_name[0] == '\0') return frame;
  frame.file = info.file_name;
  frame.symbol = info.symbol_name;
  frame.start = reinterpret_cast<uintptr_t>(info.symbol_address);
  if (info.symbol_name == nullptr && map != nullptr)
    frame.start = static_cast<const LinkMap*>(map)->l_addr;
  return frame;
}

// Is there anything to write between the parentheses? There is not if no symbol covers the address
// and the object is a program at a fixed address.
bool has_place(const Frame& f) { return f.symbol != nullptr || f.start != 0; }

// "symbol+0x12"
void write_place(TextWriter& out, const Frame& f, std::string_view nothing) {
  if (!has_place(f)) return;
  bool is_below = f.address < f.start;
  out << f.name() << (is_below ? '-' : '+');
  if (f.address == f.start) {
    out << nothing;
  } else {
    out.hex(is_below ? f.start - f.address : f.address - f.start);
  }
}

using Allocate = void* (*)(size_t);

// The caller frees the memory with the program's free, so it must come from the program's malloc.
Allocate programs_malloc() {
  SymbolQuery query{"malloc", gnu_hash("malloc"), nullptr, nullptr, true};
  LockGuard guard(dl_lock);
  Definition found = find_as_bound(*process.graph.program, query);
  if (!found.is_there()) return nullptr;
  return reinterpret_cast<Allocate>(address_of(*found.module, *found.symbol));
}

}  // namespace
}  // namespace ldseal

char** backtrace_symbols(void* const* addresses, int count) {
  if (count < 0) return nullptr;
  TemporaryArena scratch;
  List<Frame> frames;
  size_t size = 0;
  for (int i = 0; i < count; ++i) {
    frames.add(scratch, describe_frame(addresses[i]));
    size += sizeof(char*) + frames[frames.size() - 1].longest() + 1;
  }
  Allocate allocate = programs_malloc();
  auto** lines = allocate == nullptr ? nullptr : static_cast<char**>(allocate(size));
  if (lines == nullptr) return nullptr;
  char* text = reinterpret_cast<char*>(lines + frames.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    TextWriter line(text, frames[i].longest() + 1);
    if (frames[i].file != nullptr) {
      line << frames[i].file << '(';
      write_place(line, frames[i], "0");
      line << ") ";
    }
    line << '[';
    frames[i].address == 0 ? line << "(nil)" : line.hex(frames[i].address);
    line << ']';
    lines[i] = text;
    text += line.text().size() + 1;
  }
  return lines;
}

// Does not use the program's malloc, which may be broken when this is called.
void backtrace_symbols_fd(void* const* addresses, int count, int file) {
  constexpr size_t kLongestLine = size_t{4} << 10;
  for (int i = 0; i < count; ++i) {
    TextBuffer<kLongestLine> line;
    Frame frame = describe_frame(addresses[i]);
    if (frame.file != nullptr) line << frame.file;
    if (has_place(frame)) {
      line << '(';
      write_place(line, frame, "0x0");
      line << ')';
    }
    line << '[';
    line.hex(frame.address) << "]\n";
    kernel::write(file, line.text());
  }
}
