// See destructors.h. The public part of struct link_map has the load bias, from which destructors
// are found, and the dynamic section, where musl reads at exit. glibc has behind it an array of
// pointers to the entries of that section, by tag; tests/exploits does the same as here.
#include "tools/sealctl/prove/destructors.h"

#include <algorithm>
#include <cstddef>
#include <fcntl.h>
#include <link.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tools/sealctl/prove/execution.h"
#include "tools/sealctl/prove/main_stop.h"
#include "tools/sealctl/text.h"

namespace sealctl::prove {
namespace {

constexpr size_t kMostDestructors = 1024;
constexpr char kNoExit[] = "no libc with exit() is loaded";
constexpr char kNoList[] = "no list of objects is found in memory";
constexpr char kNoDestructor[] = "the program has no destructors to try it with";
constexpr char kNoControl[] = "the program's own destructors do not run at exit";

Outcome outcome_of(const RunEnd& end) {
  if (end.kind == RunEnd::Kind::kStopped && end.instruction == kTrap) return Outcome::kOpen;
  return end.kind == RunEnd::Kind::kEnded ? Outcome::kHeld : Outcome::kNotMade;
}

const LoadedObject* find_libc(const std::vector<LoadedObject>& objects) {
  const auto libc = std::ranges::find_if(objects, [](const LoadedObject& object) {
    return object.file.why_not.empty() && !object.definitions_of("__libc_start_main").empty() &&
           !object.definitions_of("exit").empty();
  });
  return libc == objects.end() ? nullptr : &*libc;
}

// Where the array of pointers by tag begins. None: there is no such array.
std::optional<uint64_t> find_pointers_by_tag(const Tracee& process, const LinkMap& map) {
  constexpr size_t kPublic = 5, kMost = 160;
  for (size_t i = kPublic; i < kMost; ++i) {
    const uint64_t place = map.address + i * kWord;
    const uint64_t offset = process.read_word(place).value_or(0) - map.section;
    const size_t number = offset / sizeof(Elf64_Dyn);
    const bool is_entry = offset % sizeof(Elf64_Dyn) == 0 && number < map.entries.size() &&
                          map.entries[number].d_tag == DT_STRTAB;
    if (is_entry) return place - DT_STRTAB * kWord;
  }
  return std::nullopt;
}

// What the program has not yet written, and what its loader says of the attack, is not to be seen.
void take_output_away(Tracee& copy) {
  constexpr char kNowhere[] = "/dev/null";
  const uint64_t name = copy.place(kNowhere, sizeof kNowhere);
  const std::optional<Answer> file =
      copy.call({SYS_openat, {static_cast<uint64_t>(AT_FDCWD), name, O_RDWR}});
  if (!file || file->is_refused()) return;
  for (const uint64_t number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    (void)copy.call({SYS_dup3, {static_cast<uint64_t>(file->value), number, 0}});
}

class Exit {
 public:
  Exit(Tracee& process, uint64_t function) : process_(process), function_(function) {}

  // With another load bias. None: the object has no destructors.
  std::optional<Outcome> attack_bias(const LinkMap& map) const {
    const uint64_t array = map.value_of(DT_FINI_ARRAY).value_or(0);
    const uint64_t count = map.value_of(DT_FINI_ARRAYSZ).value_or(0) / kWord;
    if (array == 0 || count == 0) return std::nullopt;
    if (count > kMostDestructors) return Outcome::kNotMade;
    Tracee copy = quiet_copy();
    const std::vector<uint64_t> forged(count, kTrap);
    const uint64_t place = copy.place(forged.data(), forged.size() * kWord);
    if (!copy.write_word(map.address, place - array)) return Outcome::kHeld;
    return outcome_of(run(copy, place));
  }

  // With another dynamic section, or with other entries where the link map has pointers to them.
  Outcome attack_entries(const LinkMap& map) const {
    struct {
      Elf64_Dyn array{DT_FINI_ARRAY, {0}}, size{DT_FINI_ARRAYSZ, {kWord}}, end{DT_NULL, {0}};
      uint64_t destructor = kTrap;
    } forged;
    Tracee copy = quiet_copy();
    const uint64_t place = copy.place(&forged, sizeof forged);
    forged.array.d_un.d_ptr = place + sizeof forged - kWord - map.bias;
    (void)copy.place(&forged, sizeof forged);  // at the same place
    const std::optional<uint64_t> pointers = find_pointers_by_tag(process_, map);
    const bool is_written =
        pointers
            ? copy.write_word(*pointers + DT_FINI_ARRAY * kWord, place) &&
                  copy.write_word(*pointers + DT_FINI_ARRAYSZ * kWord, place + sizeof forged.array)
            : copy.write_word(map.address + offsetof(link_map, l_ld), place);
    return is_written ? outcome_of(run(copy, place)) : Outcome::kHeld;
  }

  // Without an attack: does the function run one of the object's destructors? Empty: it does.
  std::string why_no_destructor_runs(const LoadedObject& object) const {
    const std::vector<uint64_t> destructors = destructors_of(object);
    Tracee copy = quiet_copy();
    const uint64_t place = copy.place(&kWord, sizeof kWord);
    bool has_some = false;
    for (const uint64_t destructor : destructors)
      has_some = put_breakpoint(copy, destructor) || has_some;
    if (!has_some) return kNoDestructor;
    const RunEnd end = run(copy, place);
    const bool is_one = end.kind == RunEnd::Kind::kStopped &&
                        std::ranges::find(destructors, end.instruction) != destructors.end();
    return is_one ? "" : kNoControl;
  }

 private:
  Tracee quiet_copy() const {
    Tracee copy = process_.fork();
    take_output_away(copy);
    return copy;
  }

  // What was placed lies above the function's frame.
  RunEnd run(const Tracee& copy, uint64_t placed) const {
    constexpr uint64_t kSpace = 256;
    return run_function(copy, function_, placed - kSpace);
  }

  std::vector<uint64_t> destructors_of(const LoadedObject& object) const {
    const ldseal::Dynamic& dynamic = object.file.module.dynamic;
    std::vector<uint64_t> found;
    const size_t count = std::min(dynamic.fini_array.size.value / kWord, kMostDestructors);
    for (size_t i = 0; i < count; ++i) {
      const uint64_t place = object.bias() + dynamic.fini_array.start.value + i * kWord;
      if (const auto destructor = process_.read_word(place)) found.push_back(*destructor);
    }
    if (dynamic.fini.present) found.push_back(object.bias() + dynamic.fini.value.value);
    return found;
  }

  Tracee& process_;
  uint64_t function_;
};

// The worse one counts; an attack that was not made leaves open what it would have done.
Outcome worse(std::optional<Outcome> a, Outcome b) {
  for (const Outcome outcome : {Outcome::kOpen, Outcome::kNotMade}) {
    if (a == outcome || b == outcome) return outcome;
  }
  return Outcome::kHeld;
}

const LoadedObject* object_of(const LinkMap& map, const std::vector<LoadedObject>& objects) {
  const auto object = std::ranges::find_if(objects, [&](const LoadedObject& o) {
    return o.file.why_not.empty() && o.file.module.segments.dynamic != nullptr &&
           o.in_process(o.file.module.dynamic_section()) == map.section;
  });
  return object == objects.end() ? nullptr : &*object;
}

}  // namespace

ExitProved attack_destructors(Tracee& process, const std::vector<LoadedObject>& objects) {
  ExitProved proved;
  const LoadedObject* libc = find_libc(objects);
  if (libc == nullptr) return proved.why_not = kNoExit, proved;
  const std::vector<LinkMap> maps = find_link_maps(process, objects);
  const LoadedObject* program = maps.empty() ? nullptr : object_of(maps.front(), objects);
  if (program == nullptr) return proved.why_not = kNoList, proved;
  const Exit exit(process, libc->definitions_of("exit").front());
  proved.why_not = exit.why_no_destructor_runs(*program);
  if (!proved.why_not.empty()) return proved;
  for (const LinkMap& map : maps) {
    const Outcome outcome = worse(exit.attack_bias(map), exit.attack_entries(map));
    proved.maps.push_back({map.name, std::string(file_name(map.list)), outcome});
  }
  return proved;
}

}  // namespace sealctl::prove
