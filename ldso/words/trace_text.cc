// Lines have glibc's form, "PID:\ttext". The text of the bindings lines is glibc's too, because
// scripts compare the two.
#include "ldso/words/trace_text.h"

#include "ldso/base/text.h"
#include "ldso/base/trace.h"
#include "ldso/sys/kernel.h"
#include "ldso/words/held_output.h"
#include "ldso/words/report.h"
#include "ldso/words/seal_text.h"
#include "ldso/words/thread_text.h"
#include "ldso/words/trace_output.h"

namespace ldseal {
namespace {

// Texts are inside the rows: a pointer to one would be a relocation to apply at every start.
struct Word {
  char name[12];
  uint32_t topics;
  char meaning[44];
};

constexpr uint32_t bit(Topic t) { return static_cast<uint32_t>(t); }
constexpr uint32_t kEverything =
    (bit(Topic::kEnd) - 1) & ~bit(Topic::kStatistics) & ~bit(Topic::kUnused);

constexpr Word kWords[] = {
    {"libs", bit(Topic::kLibs), "library search paths"},
    {"files", bit(Topic::kFiles), "objects: needed, mapped, initialised"},
    {"symbols", bit(Topic::kSymbols), "symbol look-ups, object by object"},
    {"bindings", bit(Topic::kBindings), "what each symbol binds to"},
    {"reloc", bit(Topic::kReloc), "relocation of each object"},
    {"versions", bit(Topic::kVersions), "versions that objects need of others"},
    {"scopes", bit(Topic::kScopes), "where names are looked up"},
    {"tls", bit(Topic::kTls), "layout of thread-local storage"},
    {"seal", bit(Topic::kSeal), "what is sealed, and what is left and why"},
    {"threads", bit(Topic::kThreads), "guards under the stacks of threads"},
    {"statistics", bit(Topic::kStatistics), "time and counts of start-up"},
    {"unused", bit(Topic::kUnused), "with a listing: libraries without use"},
    {"all", kEverything, "all of these but statistics and unused"},
};

// {0}…{3} are the texts, {<0}… a number in decimal, {#0}… a number in hexadecimal.
const char* sentence_of_scopes(Event event) {
  switch (event) {
    case Event::kScopesAtStart:
      return "Initial object scopes";
    case Event::kScopesOf:
      return "object={0} [0]";
    case Event::kScope:
      return " scope {<0}: {0}";
    case Event::kNoScope:
      return " no scope";
    default:
      return "add {0} [0] to global scope";
  }
}

const char* sentence_of_libc(Event event) {
  switch (event) {
    case Event::kStandIn:
      return "bringing up libc: {0}  by its loader: {1}";
    case Event::kLibcOpensByUs:
      return "what {0} opens by itself is opened here";
    case Event::kLibcOpensAlone:
      return "what {0} opens by itself its own loader opens: {1}";
    case Event::kPreloadFileShown:
      return "{0} loads what /etc/ld.so.preload names once more: the name cannot be taken out of "
             "it";
    case Event::kGivesWay:
      return "{0} takes over, and nothing but the kernel's own mappings is sealed: {1}";
    default:
      return "";
  }
}

const char* sentence_for(Event event) {
  switch (event) {
    case Event::kFindLibrary:
      return "find library={0} [0]; searching";
    case Event::kSearchPath:
      return " search path={0}\t\t({1}{2? from file })";
    case Event::kTryFile:
      return "  trying file={0}";
    case Event::kSearchCache:
      return " search cache={0}";
    case Event::kFileNeeded:
      return "file={0} [0];  needed by {1} [0]";
    case Event::kFileMapped:
      return "file={0} [0];  dynamic: {#0}  base: {#1}  size: {#2}  entry: {#3}  phnum: {<4}";
    case Event::kConstructors:
      return "calling init: {0}";
    case Event::kDestructors:
      return "calling fini: {0} [0]";
    case Event::kTransfer:
      return "transferring control: {0}";
    case Event::kSymbolLookup:
      return "symbol={0};  lookup in file={1} [0]";
    case Event::kRelocating:
      return "relocation processing: {0}";
    case Event::kCheckVersion:
      return "checking for version `{0}' in file {1} [0] required by file {2} [0]";
    case Event::kScopesAtStart:
    case Event::kScopesOf:
    case Event::kScope:
    case Event::kNoScope:
    case Event::kIntoGlobalScope:
      return sentence_of_scopes(event);
    case Event::kTlsLayout:
      return "thread-local block of {0}: size {#0}  alignment {#1}  offset from thread pointer "
             "{#2}";
    case Event::kDlError:
      return "dlerror: {0}";
    case Event::kNoBranchTargets:
      return "{0} has landing pads for indirect branches, and the kernel refuses to have them "
             "checked";
    case Event::kStandIn:
    case Event::kLibcOpensByUs:
    case Event::kLibcOpensAlone:
    case Event::kPreloadFileShown:
    case Event::kGivesWay:
      return sentence_of_libc(event);
    case Event::kBlank:
    case Event::kStatistics:
    case Event::kSealRange:
    case Event::kSealSystem:
    case Event::kCodeFinal:
    case Event::kSlotsLeft:
    case Event::kSealed:
    case Event::kGuardMaker:
    case Event::kStackGuard:
    case Event::kBinding:
      return "";  // see write_statistics, write_binding, seal_text.cc and thread_text.cc
  }
  return "";
}

void write_binding(TextWriter& out, const TraceLine& line) {
  out << "binding file " << line.text[0] << " [0] to " << line.text[1]
      << " [0]: " << (line.number[0] != 0 ? "protected" : "normal") << " symbol `" << line.text[2]
      << '\'';
  if (line.text[3] != nullptr) out << " [" << line.text[3] << ']';
}

void write_sentence(TextWriter& out, const char* text, const TraceLine& line) {
  for (; *text != '\0'; ++text) {
    if (*text != '{') {
      out << *text;
      continue;
    }
    char first = text[1];
    if (first == '#') {
      out.hex_padded(line.number[text[2] - '0'], 16);
    } else if (first == '<') {
      out.decimal(line.number[text[2] - '0']);
    } else if (text[2] == '?') {  // {N?words}: the words and text N, if there is a text N
      const char* value = line.text[first - '0'];
      for (text += 3; *text != '}'; ++text) {
        if (value != nullptr) out << *text;
      }
      if (value != nullptr) out << value;
      continue;
    } else {
      out << line.text[first - '0'];
    }
    while (*text != '}') ++text;
  }
}

// What LD_DEBUG asks of both loaders.
constinit uint32_t topics_of_both = 0;

void end_line(TextWriter& out, Topic topic) {
  bool is_of_both = (topics_of_both & static_cast<uint32_t>(topic)) != 0;
  is_of_both ? end_line_of_both(out) : end_trace_line(out);
}

void write_statistics(const TraceLine& line) {
  constexpr char kNames[][24] = {
      "total startup time",   "time to map objects", "time to bring libc up",
      "time to link",         "time to seal",        "relocations",
      "relative relocations", "symbol look-ups",     "look-ups answered again"};
  constexpr size_t kTimes = 5, kAll = 9;
  for (size_t i = 0; i < kAll; ++i) {
    TextBuffer<256> out;
    begin_trace_line(out) << kNames[i] << ": ";
    out.decimal(line.number[i]) << (i < kTimes ? " ns" : "");
    end_trace_line(out);
  }
}

[[gnu::noinline]] void write_any_line(Topic topic, const TraceLine& line) {
  TextBuffer<kLongestTraceLine> out;
  begin_trace_line(out);
  if (line.event == Event::kBinding) {
    write_binding(out, line);
  } else if (topic == Topic::kSeal && line.event != Event::kGivesWay) {
    write_seal_line(out, line);
  } else {
    write_sentence(out, sentence_for(line.event), line);
  }
  end_line(out, topic);
}

// Runs on the stack of a new thread, which may be small.
void write_thread(const TraceLine& line) {
  TextBuffer<256> out;
  begin_trace_line(out);
  write_thread_line(out, line);
  end_trace_line(out);
}

void write_line(Topic topic, const TraceLine& line) {
  if (line.event == Event::kStatistics) return write_statistics(line);
  if (topic == Topic::kThreads) return write_thread(line);
  write_any_line(topic, line);
}

[[noreturn]] void write_help() {
  TextBuffer<2048> out;
  out << "Valid words for LD_DEBUG, separated by commas or spaces:\n\n";
  for (const Word& word : kWords) {
    out << "  " << word.name;
    for (size_t i = text_length(word.name); i < sizeof word.name; ++i) out << ' ';
    out << word.meaning << '\n';
  }
  out << "  help        this list, then exit\n\nLD_DEBUG_OUTPUT=FILE sends the lines to "
         "FILE.PID.\n";
  release_output();
  kernel::write(1, out.text());
  kernel::exit(0);
}

// Reports an unknown word and ignores it, as glibc does: a trace must not keep a program from
// starting.
void take_word(std::string_view word) {
  if (word == "help") write_help();
  for (const Word& known : kWords) {
    if (word != known.name) continue;
    trace::enabled_topics |= known.topics;
    return;
  }
  TextBuffer<256> name;
  name << word;
  Error e = fault(Fault::kUnknownDebugWord);
  e.name = name.c_str();
  report_ignored(e);
}

}  // namespace

void add_trace_words(const char* words) {
  std::string_view rest = words, word;
  while (split_next(rest, " ,:", word)) {
    if (!word.empty()) take_word(word);
  }
}

void share_topics(uint32_t topics) {
  constexpr auto kOurs =
      static_cast<uint32_t>(Topic::kSeal) | static_cast<uint32_t>(Topic::kThreads);
  topics_of_both = topics & ~kOurs;
}

Status start_tracing(const char* output) {
  trace::sink = write_line;
  return open_trace(output);
}

}  // namespace ldseal
