// musl's list of objects shows no destructors of libc while musl looks there (libc/musl_exit.h).
#include "ldso/libc/musl_exit.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/heap_arena.h"

namespace ldseal {
namespace {

using testing_tools::HeapArena;

struct List {
  Dyn libcs[6] = {{DT_INIT, {0x100}},       {DT_FINI, {0x200}},       {DT_HASH, {0x300}},
                  {DT_FINI_ARRAY, {0x400}}, {DT_FINI_ARRAYSZ, {0x8}}, {}};
  Dyn others[2] = {{DT_FINI, {0x500}}, {}};
  LinkMap program{0, "", others, &libc, nullptr, nullptr};
  LinkMap libc{0, "libc.so", libcs, nullptr, &program, nullptr};
  Rendezvous rendezvous{1, &program};
  Phdr dynamic = {};
  Module module;

  List() {
    dynamic.p_vaddr = reinterpret_cast<uintptr_t>(libcs);
    module.segments.dynamic = &dynamic;
  }
};

TEST(MuslExit, HidesTheDestructorsOfLibcAlone) {
  HeapArena arena;
  List list;
  EXPECT_TRUE(hide_destructors_of_libc(list.module, &list.rendezvous, arena));
  const Dyn* shown = list.libc.l_ld;
  ASSERT_NE(shown, list.libcs);
  EXPECT_EQ(shown[0].d_tag, DT_INIT);
  EXPECT_EQ(shown[0].d_un.d_val, 0x100u);
  EXPECT_EQ(shown[1].d_tag, DT_HASH);
  EXPECT_EQ(shown[2].d_tag, DT_NULL);
  EXPECT_EQ(list.program.l_ld, list.others);
}

TEST(MuslExit, ShowsThemAgain) {
  HeapArena arena;
  List list;
  hide_destructors_of_libc(list.module, &list.rendezvous, arena);
  show_destructors_of_libc();
  EXPECT_EQ(list.libc.l_ld, list.libcs);
}

TEST(MuslExit, SaysThatLibcIsNotInTheList) {
  HeapArena arena;
  List list;
  EXPECT_FALSE(hide_destructors_of_libc(list.module, nullptr, arena));
  list.program.l_next = nullptr;
  EXPECT_FALSE(hide_destructors_of_libc(list.module, &list.rendezvous, arena));
  EXPECT_EQ(list.libc.l_ld, list.libcs);
}

}  // namespace
}  // namespace ldseal
