// The kernel of the tests: ldso/sys/kernel.h over a small file system in memory, its calls counted,
// any one of them made to fail, and everything that was opened or mapped known afterwards. Linked
// in place of ldso/sys/kernel.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ldso/sys/kernel.h"

namespace ldseal::testing_tools {

// Thrown instead of ending the process.
struct ProcessEnded {
  int status;
};

struct KernelCall {
  std::string name;  // "open", "map", …
  std::string path;  // of those that take one
};

// The answers of a test about memory that does not exist, instead of the machine's.
class AddressSpace {
 public:
  virtual ~AddressSpace() = default;
  virtual long advise(AddressRange range, int advice) = 0;
  virtual long mapping_at(Address address, kernel::MappingStatus& status) = 0;
};

// One at a time. Without one, maps work and no file exists.
class ScriptedKernel {
 public:
  ScriptedKernel();
  ~ScriptedKernel();
  ScriptedKernel(const ScriptedKernel&) = delete;
  ScriptedKernel& operator=(const ScriptedKernel&) = delete;

  void add_file(const std::string& path, const std::vector<unsigned char>& bytes,
                uint32_t mode = 0100644);
  void add_directory(const std::string& path);
  // Another name for the same file.
  void add_link(const std::string& path, const std::string& of);
  // Opening `path`, or asking for its status, answers this.
  void refuse(const std::string& path, int error_number);
  // The caller of execve(2) has closed this standard descriptor; the lowest that is closed is what
  // the next device gets.
  void close_standard(int descriptor) { closed_.insert(descriptor); }
  void add_device(const std::string& path, uint64_t number) { devices_[path] = number; }
  // What /proc/self/exe is, and the current directory.
  void set_executable(const std::string& path) { executable_ = path; }
  void set_directory(const std::string& path) { directory_ = path; }

  // Without one, advice goes to the machine and no mapping can be asked for.
  void set_address_space(AddressSpace* space) { address_space_ = space; }

  // A supervisor exempts these LDSEAL_CLASS_…; rr records the process.
  void set_exempt(unsigned long classes) { exempt_ = classes; }
  void set_recorded() { is_recorded_ = true; }
  // A seccomp filter is in force. So the first child ends, and every other one: with a wait status,
  // or an error of clone(2).
  void set_filter(int first, int others) { filter_ = {first, others}; }
  void set_filter(int all) { set_filter(all, all); }
  size_t children() const { return children_; }

  // The call after `calls` others, counted from now on, answers with this error, or so many calls
  // from that one on; closing and unmapping never fail.
  void fail_after(size_t calls, int error_number, size_t count = 1);
  // The first read from then on gives only so many bytes.
  void shorten_read_after(size_t calls, size_t bytes);

  const std::vector<KernelCall>& calls() const { return calls_; }
  std::vector<std::string> paths_of(const std::string& call) const;
  // How many calls were made that a script can refuse, and the name of the one that it did.
  size_t failable_calls() const { return failable_calls_; }
  const std::string& refused_call() const { return refused_call_; }
  size_t open_files() const { return open_.size(); }
  size_t mapped_pages() const { return pages_.size(); }
  // Unmaps everything.
  void forget_mappings();
  const std::string& written() const { return written_; }
  // In the order in which they were asked. What was sealed refuses to be protected, and the memory
  // need not be there.
  const std::vector<AddressRange>& sealed() const { return sealed_; }
  // Runs behind every mprotect, as a signal handler that comes there; also behind its own.
  void set_handler(std::function<void()> handler) { handler_ = std::move(handler); }
  // mseal answers 0 and does nothing, as under a filter that answers in the kernel's place.
  void only_pretend_to_seal() { only_pretends_to_seal_ = true; }
  // (address, length, protection) of each mprotect of memory that mseal was asked for.
  struct Protected {
    Address start;
    ByteCount length;
    int protection;
  };
  const std::vector<Protected>& protected_after_sealing() const { return protected_; }

 private:
  friend struct KernelOfTests;
  struct File {
    int memory = -1;  // a file descriptor that holds the bytes
    uint64_t inode = 0;
    uint32_t mode = 0;
  };

  // What the call has to answer instead of being made; 0: make it.
  long note(const char* name, const std::string& path = "");
  long find(const std::string& path, File& file) const;
  long status(const File& file, kernel::FileStatus& status) const;

  std::map<std::string, File> files_;
  std::map<std::string, int> refused_;
  std::map<int, File> open_;
  std::set<int> closed_;
  std::map<std::string, uint64_t> devices_;
  std::map<int, uint64_t> open_devices_;
  std::map<uint64_t, int> pages_;  // what is mapped, and its protection
  std::vector<KernelCall> calls_;
  std::vector<AddressRange> sealed_;
  std::vector<Protected> protected_;
  bool only_pretends_to_seal_ = false;
  std::function<void()> handler_;
  unsigned long exempt_ = 0;
  bool is_recorded_ = false;
  std::optional<std::pair<int, int>> filter_;
  size_t children_ = 0;
  std::string written_, refused_call_, executable_ = "/program", directory_ = "/";
  AddressSpace* address_space_ = nullptr;
  uint64_t next_inode_ = 100;
  size_t failable_calls_ = 0, failing_call_ = SIZE_MAX, last_failing_call_ = SIZE_MAX,
         shortened_call_ = SIZE_MAX, shortened_to_ = 0;
  int error_number_ = 0;
};

}  // namespace ldseal::testing_tools
