// Meets the real loader with randomly mutated objects and tells of every crash or hang in the loader's own code:
//   mutate-objects LOADER TEMPLATE FOLDER SEED COUNT MODE [RECIPE…]
//     TEMPLATE  a right library; FOLDER has the program `program`, which needs `mutated.so`
//     MODE      run | list | program (the mutated object is the program) | kernel (a program that the kernel maps,
//               and LOADER is its PT_INTERP)
//     RECIPE    instead of COUNT random mutations, these: OFFSET=BYTE[,OFFSET=BYTE…][,SIZE], SIZE where the file ends
// A refusal must be status 127 and lines that start with "ld-seal: ". Each finding is one line: how it ended, the recipe.
// What the mutated object's own code does (a constructor or a resolver at a random address) is not the loader's: the
// place of the crash decides, and where that is the loader, whether it had called a constructor before: a random address
// may lead back into the loader.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <signal.h>
#include <sstream>
#include <string>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using Bytes = std::vector<unsigned char>;

struct Mutation {
  size_t offset;
  unsigned char value;
};
struct Recipe {
  std::vector<Mutation> bytes;
  size_t size = SIZE_MAX;  // the file is no longer than that
};

struct Area {
  size_t start, size;
};

template <class T>
T read(const Bytes& file, size_t offset) {
  T value;
  std::memcpy(&value, &file.at(offset), sizeof value);
  return value;
}

// The parts of the template that a loader reads: headers, and what the dynamic section names, by its section headers.
std::vector<Area> areas_of(const Bytes& file) {
  auto header = read<Elf64_Ehdr>(file, 0);
  std::vector<Area> areas = {{0, sizeof(Elf64_Ehdr)},
                             {header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr)}};
  for (size_t i = 0; i < header.e_shnum; ++i) {
    auto section = read<Elf64_Shdr>(file, header.e_shoff + i * sizeof(Elf64_Shdr));
    switch (section.sh_type) {
      case SHT_DYNAMIC:
      case SHT_DYNSYM:
      case SHT_STRTAB:
      case SHT_HASH:
      case SHT_GNU_HASH:
      case SHT_GNU_versym:
      case SHT_GNU_verdef:
      case SHT_GNU_verneed:
      case SHT_RELA:
      case 19:  // SHT_RELR
        if ((section.sh_flags & SHF_ALLOC) != 0)
          areas.push_back({section.sh_offset, section.sh_size});
        break;
      default:
        break;
    }
  }
  return areas;
}

// One to three changes: a bit, a byte, or a whole number that is interesting at a boundary.
Recipe random_recipe(const std::vector<Area>& areas, const Bytes& file, std::mt19937_64& random) {
  static const uint64_t kInteresting[] = {0,
                                          1,
                                          7,
                                          0x7f,
                                          0xff,
                                          0xfff,
                                          0x1000,
                                          0xffff,
                                          0xfff1,
                                          0x7fffffff,
                                          0xffffffff,
                                          0x100000000,
                                          uint64_t{1} << 46,
                                          uint64_t{1} << 63,
                                          UINT64_MAX,
                                          UINT64_MAX - 7};
  Recipe recipe;
  for (size_t n = 1 + random() % 3; n > 0; --n) {
    const Area& area = areas[random() % areas.size()];
    if (area.size == 0) continue;
    size_t at = area.start + random() % area.size;
    switch (random() % 4) {
      case 0:
        recipe.bytes.push_back({at, static_cast<unsigned char>(file[at] ^ (1 << (random() % 8)))});
        break;
      case 1:
        recipe.bytes.push_back({at, static_cast<unsigned char>(random())});
        break;
      default: {
        size_t width = size_t{1} << (random() % 4);
        uint64_t value = random() % 3 == 0 ? read<uint16_t>(file, at & ~size_t{1}) + random() % 64
                                           : kInteresting[random() % std::size(kInteresting)];
        at = at / width * width;
        for (size_t i = 0; i < width && at + i < file.size(); ++i) {
          recipe.bytes.push_back({at + i, static_cast<unsigned char>(value >> (8 * i))});
        }
      }
    }
  }
  return recipe;
}

Recipe parse(const std::string& text) {
  Recipe recipe;
  std::istringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) {
    size_t equals = item.find('=');
    if (equals == std::string::npos) {
      recipe.size = std::stoul(item, nullptr, 0);
      continue;
    }
    recipe.bytes.push_back(
        {std::stoul(item.substr(0, equals), nullptr, 0),
         static_cast<unsigned char>(std::stoul(item.substr(equals + 1), nullptr, 0))});
  }
  return recipe;
}

std::string text_of(const Recipe& recipe) {
  std::ostringstream text;
  for (const Mutation& m : recipe.bytes)
    text << (&m == recipe.bytes.data() ? "" : ",") << m.offset << '=' << int{m.value};
  if (recipe.size != SIZE_MAX) text << (recipe.bytes.empty() ? "" : ",") << recipe.size;
  return text.str();
}

Bytes mutated_by(const Recipe& recipe, Bytes bytes) {
  for (const Mutation& m : recipe.bytes) bytes.at(m.offset) = m.value;
  bytes.resize(std::min(bytes.size(), recipe.size));
  return bytes;
}

void write_file(const std::string& path, const Bytes& bytes) {
  unlink(path.c_str());  // a new file: the old one may still be mapped by nobody we know
  std::ofstream stream(path, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream || chmod(path.c_str(), 0755) != 0) throw std::runtime_error("cannot write " + path);
}

// The mapping of process `pid` that has `address`: "loader", another path, or "nothing".
std::string owner_of(pid_t pid, uint64_t address, const std::string& loader) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long start = 0, end = 0;
    int path = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %*s %*s %*s %*s %n", &start, &end, &path) < 2) continue;
    if (address < start || address >= end) continue;
    std::string name = line.substr(static_cast<size_t>(path));
    return name == loader ? "loader" : name.empty() ? "anonymous" : name;
  }
  return "nothing";
}

struct Ended {
  bool is_finding = false;
  std::string how;
};

uint64_t instruction_pointer(pid_t pid) {
  user_regs_struct registers = {};
  ptrace(PTRACE_GETREGS, pid, nullptr, &registers);
  return registers.rip;
}

// The base of the loader's mapping, so that a finding can be looked up with addr2line.
uint64_t loader_base(pid_t pid, const std::string& loader) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(loader)) return std::stoul(line, nullptr, 16);
  }
  return 0;
}

// An indirect call or jump (ff /2, ff /4): where it leads is the object's affair, and an address that is none at all
// faults before it is reached.
bool is_jump(pid_t pid, uint64_t at) {
  uint64_t code = static_cast<uint64_t>(ptrace(PTRACE_PEEKTEXT, pid, at, nullptr));
  bool has_prefix = (code & 0xf0) == 0x40;
  if (has_prefix) code >>= 8;
  unsigned operation = (code >> 11) & 7;
  return (code & 0xff) == 0xff && (operation == 2 || operation == 4);
}

Ended judge_signal(pid_t pid, int signal, const std::string& loader) {
  uint64_t at = instruction_pointer(pid);
  std::string owner = owner_of(pid, at, loader);
  if (owner == "loader" && is_jump(pid, at)) owner = "a jump out of the loader";
  std::ostringstream how;
  how << "signal " << signal << " at " << owner;
  if (owner == "loader") how << "+0x" << std::hex << at - loader_base(pid, loader);
  return {owner == "loader", how.str()};
}

constexpr unsigned kWaitSeconds = 5;

void become_program(const std::vector<std::string>& words, bool traced, int errors) {
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  alarm(kWaitSeconds);  // one that waits uses no time
  rlimit time = {2, 2}, space = {rlim_t{8} << 30, rlim_t{8} << 30}, none = {0, 0};
  setrlimit(RLIMIT_CPU, &time);
  setrlimit(RLIMIT_AS, &space);
  setrlimit(RLIMIT_CORE, &none);
  int null = open("/dev/null", O_RDWR);
  dup2(null, 0);
  dup2(null, 1);
  dup2(errors, 2);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  char gives_way[] = "LDSEAL_DEBUG=statistics", trace[] = "LD_DEBUG=files";
  char* environment[] = {gives_way, traced ? trace : nullptr, nullptr};
  execve(arguments[0], arguments.data(), environment);
  _exit(99);
}

// Everything in `errors`, which is a file, since it was last emptied.
std::string take_text(int errors) {
  std::string text(1 << 16, '\0');
  ssize_t size = pread(errors, text.data(), text.size(), 0);
  text.resize(size < 0 ? 0 : static_cast<size_t>(size));
  if (ftruncate(errors, 0) != 0 || lseek(errors, 0, SEEK_SET) != 0)
    throw std::runtime_error("cannot empty the file");
  return text;
}

// What is said as by glibc of an object that is used all the same (tests/run/test_warnings.py).
bool is_warning(const std::string& line) {
  for (const char* words : {"no version information available", "weak version `",
                            "has different size in shared object"}) {
    if (line.find(words) != std::string::npos) return true;
  }
  return false;
}

// A refusal says why, in lines of its own form. Where the change has made it give way to libc's own loader, that one
// ended the process.
Ended judge_status(int status, const std::string& text) {
  constexpr int kRefused = 127;
  bool well_formed = text.ends_with('\n');
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    well_formed = well_formed && (line.starts_with("ld-seal: ") || is_warning(line));
  std::string how = "status " + std::to_string(status);
  if (text.find(" takes over, ") != std::string::npos) return {false, how + " of libc's loader"};
  if (status != kRefused || well_formed) return {false, how};
  return {true, how + " with the text \"" + text + "\""};
}

// With `traced`, `text` becomes what LD_DEBUG=files shows.
Ended run(const std::vector<std::string>& words, const std::string& loader, bool traced,
          std::string& text) {
  static const int errors = memfd_create("errors", MFD_CLOEXEC);
  pid_t pid = fork();
  if (pid == 0) become_program(words, traced, errors);
  int status = 0;
  for (bool started = false;; started = true) {
    if (waitpid(pid, &status, 0) != pid) throw std::runtime_error("waitpid failed");
    if (WIFEXITED(status)) {
      text = take_text(errors);
      return judge_status(WEXITSTATUS(status), text);
    }
    if (WIFSIGNALED(status)) return {false, "killed by " + std::to_string(WTERMSIG(status))};
    int signal = WSTOPSIG(status);
    if (!started || signal == SIGTRAP) {  // the stop at execve, and int3 in foreign code
      bool foreign_trap = started;
      if (!foreign_trap) {
        ptrace(PTRACE_CONT, pid, nullptr, nullptr);
        continue;
      }
    }
    Ended ended = judge_signal(pid, signal, loader);
    if (signal == SIGXCPU || signal == SIGALRM) ended.how = "hang: " + ended.how;
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    text = take_text(errors);
    return ended;
  }
}

// A crash after the first constructor was called, or the program entered, may be their doing.
Ended run(const std::vector<std::string>& words, const std::string& loader) {
  std::string text;
  Ended ended = run(words, loader, false, text);
  if (!ended.is_finding || !ended.how.starts_with("signal")) return ended;
  run(words, loader, true, text);
  bool foreign_code_ran = text.find("calling init:") != std::string::npos ||
                          text.find("transferring control:") != std::string::npos;
  ended.is_finding = !foreign_code_ran;
  return ended;
}

Bytes read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return Bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 7) {
    std::cerr << "usage: mutate-objects LOADER TEMPLATE FOLDER SEED COUNT run|list|program|kernel "
                 "[RECIPE...]\n";
    return 2;
  }
  const std::string loader = argv[1], folder = argv[3], mode = argv[6];
  const Bytes right = read_file(argv[2]);
  const std::vector<Area> areas = areas_of(right);
  const std::string mutated = folder + "/mutated.so";
  std::vector<std::string> words = {mutated};
  if (mode != "kernel") words = {loader, "--library-path", folder};
  if (mode == "list") words.push_back("--list");
  if (mode != "kernel") words.push_back(mode == "program" ? mutated : folder + "/program");
  int given = argc - 7, refused = 0;
  for (int i = 0; i < (given > 0 ? given : std::atoi(argv[5])); ++i) {
    std::mt19937_64 random(std::stoul(argv[4]) * 1000003 + static_cast<unsigned long>(i));
    Recipe recipe = given > 0 ? parse(argv[7 + i]) : random_recipe(areas, right, random);
    write_file(mutated, mutated_by(recipe, right));
    Ended ended = run(words, loader);
    if (ended.is_finding) std::cout << "finding: ";
    if (ended.is_finding || given > 0)
      std::cout << ended.how << " recipe " << text_of(recipe) << '\n';
    if (ended.how == "status 127") ++refused;
  }
  std::cerr << refused << " refused\n";
}
