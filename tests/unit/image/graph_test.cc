// The whole graph of a program's libraries: loaded breadth first, each file once, and nothing left when a call fails.
#include "ldso/image/graph.h"

#include <memory>

#include "tests/lib_cc/described.h"
#include "tests/lib_cc/loading.h"

namespace ldseal {
namespace {

using namespace testing_tools;
using Names = std::vector<std::string>;

// A program and a loader of its libraries, which lie in /libs.
class Loading {
 public:
  explicit Loading(const Names& needed, const char* interpreter = "")
      : program_(spec(needed, interpreter)), search_(settings(), program_.module(), arena_) {
    search_.settings().rules = libc_rules_of(program_.module());
    program_.module().kind = ModuleKind::kProgram;
    program_.module().path = "";
    program_.module().file_path = "/bin/prog";
    loader_ = std::make_unique<GraphBuilder>(graph, search_, LibcHandling::kFoundOnly, arena_);
    loader_->add_program(program_.module());
  }
  Error load() { return outcome(loader_->load_needed()); }
  GraphBuilder& loader() { return *loader_; }
  LibrarySearch& search() { return search_; }

  // The files in the order of loading, without the program.
  Names files() const {
    Names names;
    for (const Module* m : graph.modules) {
      if (m != graph.program) names.emplace_back(m->path);
    }
    return names;
  }

  Graph graph;

 private:
  static ObjectSpec spec(const Names& needed, const char* interpreter) {
    ObjectSpec s;
    s.needed = needed;
    s.interpreter = interpreter;
    return s;
  }
  static SearchSettings settings() {
    SearchSettings s;
    s.library_path = "/libs";
    s.page = kPages;
    s.use_cache = false;
    return s;
  }
  HeapArena arena_;
  Described program_;
  LibrarySearch search_;
  std::unique_ptr<GraphBuilder> loader_;
};

void add(ScriptedKernel& kernel, const std::string& name, const Names& needed = {}) {
  kernel.add_file("/libs/" + name, library_that_needs(name, needed));
}

// a needs c and d, b needs d and a (a cycle through d): breadth first this is a b c d.
void add_some(ScriptedKernel& kernel) {
  add(kernel, "liba.so", {"libc1.so", "libd.so"});
  add(kernel, "libb.so", {"libd.so", "liba.so"});
  add(kernel, "libc1.so");
  add(kernel, "libd.so", {"libb.so"});
}

TEST(LoadNeeded, GoesBreadthFirstAndLoadsEachOnce) {
  ScriptedKernel kernel;
  add_some(kernel);
  Loading loading({"liba.so", "libb.so"});
  ASSERT_EQ(loading.load(), Error{});
  EXPECT_EQ(loading.files(),
            (Names{"/libs/liba.so", "/libs/libb.so", "/libs/libc1.so", "/libs/libd.so"}));
  EXPECT_EQ(kernel.open_files(), 0u);
}

TEST(LoadNeeded, NotesWhoNeedsWhom) {
  ScriptedKernel kernel;
  add_some(kernel);
  Loading loading({"liba.so", "libb.so"});
  ASSERT_EQ(loading.load(), Error{});
  const Graph& g = loading.graph;
  ASSERT_EQ(g.modules.size(), 5u);
  const List<Module*>& needed = g.modules[4]->needed;  // libd.so
  ASSERT_EQ(needed.size(), 1u);
  EXPECT_EQ(needed[0], g.modules[2]);
  EXPECT_EQ(g.modules[3]->needed_by, g.modules[1]);
}

TEST(LoadNeeded, AProgramThatNeedsNothingLoadsNothing) {
  ScriptedKernel kernel;
  Loading loading(Names{});
  EXPECT_EQ(loading.load(), Error{});
  EXPECT_EQ(loading.files(), Names{});
}

TEST(LoadNeeded, TheSameFileUnderTwoNamesIsOneObject) {
  ScriptedKernel kernel;
  kernel.add_file("/libs/liba.so", library_that_needs("", {}));
  kernel.add_link("/libs/alias.so", "/libs/liba.so");
  Loading loading({"liba.so", "alias.so"});
  ASSERT_EQ(loading.load(), Error{});
  EXPECT_EQ(loading.files(), Names{"/libs/liba.so"});
  EXPECT_EQ(kernel.open_files(), 0u);
}

TEST(LoadNeeded, ANameThatIsTheSonameOfALoadedObjectIsThatObject) {
  ScriptedKernel kernel;
  kernel.add_file("/libs/liba.so", library_that_needs("libreal.so.1", {}));
  Loading loading({"liba.so", "libreal.so.1"});
  ASSERT_EQ(loading.load(), Error{});
  EXPECT_EQ(loading.files(), Names{"/libs/liba.so"});
}

TEST(LoadNeeded, AMissingLibraryIsAnErrorThatNamesWhoNeedsIt) {
  ScriptedKernel kernel;
  add(kernel, "liba.so", {"libgone.so"});
  Loading loading({"liba.so"});
  Error error = loading.load();
  EXPECT_EQ(error.fault, Fault::kLibraryNotFound);
  EXPECT_STREQ(error.name, "libgone.so");
  EXPECT_STREQ(error.object, "/libs/liba.so");
}

Names told;
void note(const Error& error) { told.emplace_back(error.name == nullptr ? "" : error.name); }

TEST(LoadNeeded, WhenAskedTellsEveryMissingLibraryAndGoesOn) {
  told.clear();
  ScriptedKernel kernel;
  add(kernel, "liba.so", {"libgone.so"});
  Loading loading({"libabsent.so", "liba.so"});
  loading.loader().report_missing_to(note);
  EXPECT_EQ(loading.load(), Error{});
  EXPECT_EQ(told, (Names{"libabsent.so", "libgone.so"}));
  EXPECT_EQ(loading.files(), Names{"/libs/liba.so"});
}

TEST(Preloads, StandBehindTheProgramAndBeforeItsLibraries) {
  ScriptedKernel kernel;
  add(kernel, "liba.so");
  add(kernel, "libp.so");
  add(kernel, "libq.so");
  Loading loading({"liba.so"});
  loading.loader().add_preloads("libp.so  libq.so:", note);
  ASSERT_EQ(loading.load(), Error{});
  EXPECT_EQ(loading.files(), (Names{"/libs/libp.so", "/libs/libq.so", "/libs/liba.so"}));
}

TEST(Preloads, OneThatIsMissingIsToldAndLeftOut) {
  told.clear();
  ScriptedKernel kernel;
  add(kernel, "libq.so");
  Loading loading(Names{});
  loading.loader().add_preloads("libgone.so libq.so", note);
  EXPECT_EQ(told, Names{"libgone.so"});
  EXPECT_EQ(loading.files(), Names{"/libs/libq.so"});
}

TEST(Preloads, OfAPrivilegedProcessHaveNoSlash) {
  told.clear();
  ScriptedKernel kernel;
  add(kernel, "libp.so");
  Loading loading(Names{});
  loading.search().settings().secure = true;
  loading.loader().add_preloads("/libs/libp.so libp.so", note);
  // glibc says nothing of names that it does not try.
  EXPECT_EQ(told, Names{"libp.so"});
  EXPECT_EQ(loading.files(), Names{});
}

// A set-user-ID file in a folder of the system's, which the caller may name.
void add_trusted(ScriptedKernel& kernel, uint32_t stack_flags) {
  ElfImage image = write_elf({.machine = Native::kMachine});
  image.segment(PT_GNU_STACK).p_flags = stack_flags;
  kernel.add_file("/usr/lib/libp.so", image.bytes, 0104755);
}

TEST(Preloads, OfAPrivilegedProcessAreSetUserIdFiles) {
  told.clear();
  ScriptedKernel kernel;
  add_trusted(kernel, PF_R | PF_W);
  Loading loading(Names{});
  loading.search().settings().secure = true;
  loading.loader().add_preloads("libp.so", note);
  EXPECT_EQ(told, Names{});
  EXPECT_EQ(loading.files(), Names{"/usr/lib/libp.so"});
}

TEST(Preloads, OfAPrivilegedProcessMayNotAskForAnExecutableStack) {
  told.clear();
  ScriptedKernel kernel;
  add_trusted(kernel, PF_R | PF_W | PF_X);
  Loading loading(Names{});
  loading.search().settings().secure = true;
  loading.loader().add_preloads("libp.so", note);
  EXPECT_EQ(told, Names{"libp.so"});
  EXPECT_EQ(loading.files(), Names{});
}

TEST(Opened, ObjectMayNotAskForAnExecutableStack) {
  ScriptedKernel kernel;
  ElfImage image = write_elf({.machine = Native::kMachine});
  image.segment(PT_GNU_STACK).p_flags |= PF_X;
  kernel.add_file("/libs/liba.so", image.bytes);
  Loading loading(Names{});
  LoadedObjects none{[](const char*) -> Module* { return nullptr; },
                     [](FileIdentity) -> Module* { return nullptr; }};
  loading.loader().build_upon(none);
  Result<Module*> opened = loading.loader().open("liba.so", *loading.graph.program);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, Fault::kExecutableStack);
  EXPECT_STREQ(opened.error().object, "/libs/liba.so");
}

TEST(FlavourOf, IsMuslByInterpreterOrByLibrary) {
  ScriptedKernel kernel;
  std::string musl = "/lib/" + std::string(Native::kMuslRtld) + ".so.1";
  EXPECT_EQ(Loading(Names{}, musl.c_str()).search().settings().rules, LibcRules::kMusl);
  EXPECT_EQ(Loading({"libc.so"}).search().settings().rules, LibcRules::kMusl);
  EXPECT_EQ(Loading({"libc.so.6"}).search().settings().rules, LibcRules::kGlibc);
  EXPECT_EQ(Loading({"liba.so"}).search().settings().rules, LibcRules::kGlibc);
}

TEST(InterpreterPath, IsTheTextOfPtInterp) {
  ObjectSpec spec;
  spec.interpreter = "/lib/loader.so";
  Described program(spec);
  EXPECT_STREQ(interpreter_path(program.module()), "/lib/loader.so");
  EXPECT_EQ(interpreter_path(Described(ObjectSpec{}).module()), nullptr);
}

TEST(InterpreterPath, IsNoneWhereTheTextHasNoEnd) {
  ObjectSpec spec;
  spec.interpreter = "/lib/loader.so";
  ElfImage image = write_elf(spec);
  image.segment(PT_INTERP).p_filesz -= 1;
  Described program(std::move(image));
  EXPECT_EQ(interpreter_path(program.module()), nullptr);
}

TEST(MuslLibc, IsOneObjectUnderAllItsNames) {
  ScriptedKernel kernel;
  std::string musl = "/lib/" + std::string(Native::kMuslRtld) + ".so.1";
  kernel.add_file(musl, library_that_needs("", {}));
  Loading loading({"libc.so", "libm.so.6", "libpthread.so.0"}, musl.c_str());
  ASSERT_EQ(loading.load(), Error{});
  EXPECT_EQ(loading.files(), Names{musl});
  ASSERT_NE(loading.graph.libc, nullptr);
  EXPECT_EQ(loading.graph.libc->kind, ModuleKind::kLibc);
}

// glibc meets a need of its loader by the loader that runs, in whatever folder it lies.
class NeedOfGlibcsLoader : public testing::Test {
 protected:
  static Names files_with(const char* interpreter) {
    Loading loading({Native::kGlibcRtld}, interpreter);
    Error error = loading.load();
    return error == Error{} ? loading.files() : Names{error.name};
  }
  void add_rtld(const std::string& path) { kernel_.add_file(path, library_that_needs(rtld_, {})); }

  const std::string rtld_ = Native::kGlibcRtld;
  ScriptedKernel kernel_;
};

TEST_F(NeedOfGlibcsLoader, IsSearchedForFirst) {
  add_rtld("/libs/" + rtld_);
  add_rtld("/loaders/" + rtld_);
  EXPECT_EQ(files_with("/loaders/ld-seal.so"), Names{"/libs/" + rtld_});
}

TEST_F(NeedOfGlibcsLoader, IsMetBesideTheInterpreter) {
  add_rtld("/loaders/" + rtld_);
  EXPECT_EQ(files_with("/loaders/ld-seal.so"), Names{"/loaders/" + rtld_});
  EXPECT_EQ(files_with(("/loaders/" + rtld_).c_str()), Names{"/loaders/" + rtld_});
}

TEST_F(NeedOfGlibcsLoader, IsMetByTheDisplacedOneInThePlaceOfLdSeal) {
  kernel_.add_file("/loaders/" + rtld_, library_that_needs(Native::kLoaderName, {}));
  add_rtld("/loaders/" + rtld_ + ".distrib");
  EXPECT_EQ(files_with(("/loaders/" + rtld_).c_str()), Names{"/loaders/" + rtld_ + ".distrib"});
}

TEST_F(NeedOfGlibcsLoader, IsMissingByItsNameWhereNoFolderHasIt) {
  EXPECT_EQ(files_with("/loaders/ld-seal.so"), Names{rtld_});
  EXPECT_EQ(files_with(""), Names{rtld_});
  EXPECT_EQ(files_with("ld-seal.so"), Names{rtld_});
}

TEST(LoadNeeded, EveryRefusedCallIsToldAndLeavesOnlyWholeObjects) {
  fail_every_call(
      add_some,
      [](ScriptedKernel& kernel) {
        Error error;
        size_t pages_of_whole_objects = 0;
        {
          Loading loading({"liba.so", "libb.so"});
          error = loading.load();
          for (const Module* m : loading.graph.modules) {
            if (m != loading.graph.program)
              pages_of_whole_objects += m->span.length().value / kPage;
          }
        }
        EXPECT_EQ(kernel.open_files(), 0u);
        EXPECT_EQ(kernel.mapped_pages(), pages_of_whole_objects);
        // What is whole stays for good: the process ends with the error, or goes on with all of it.
        kernel.forget_mappings();
        return error;
      },
      [](const std::string& call, const Error& error) {
        if (error.fault == Fault::kNone) {
          EXPECT_EQ(call, "status") << "only the question for glibc-hwcaps may go unanswered";
          return;
        }
        EXPECT_EQ(error.fault, fault_of(call));
        EXPECT_EQ(error.error_number, EIO);
        EXPECT_EQ(std::string(error.object).substr(0, 6), "/libs/");
      });
}

}  // namespace
}  // namespace ldseal
