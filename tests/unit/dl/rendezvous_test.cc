// The list of objects that debuggers read.
#include "ldso/dl/rendezvous.h"

#include <gtest/gtest.h>

#include "tests/lib_cc/exported.h"
#include "tests/lib_cc/fresh_process.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal {
namespace {

using testing_tools::in_fresh_process;
using testing_tools::MadeUpProcess;
using Names = std::vector<std::string>;

// In their order; each must lead back to the one before it.
Names names_behind(const LinkMap& head) {
  Names names;
  const LinkMap* before = &head;
  for (const LinkMap* map = head.l_next; map != nullptr; before = map, map = map->l_next) {
    EXPECT_EQ(map->l_prev, before);
    names.emplace_back(map->l_name);
  }
  return names;
}

TEST(LinkMaps, AreInOrderWhateverIsTakenOut) {
  MadeUpProcess made_up;
  LinkMap head, maps[4];
  const char* const names[] = {"a", "b", "c", "d"};
  append_link_map(head);
  for (size_t i = 0; i < 4; ++i) {
    maps[i].l_name = names[i];
    append_link_map(maps[i]);
  }
  EXPECT_EQ(names_behind(head), (Names{"a", "b", "c", "d"}));
  remove_link_map(maps[1]);
  EXPECT_EQ(names_behind(head), (Names{"a", "c", "d"}));
  remove_link_map(maps[3]);
  EXPECT_EQ(names_behind(head), (Names{"a", "c"}));
  LinkMap later;
  later.l_name = "e";
  append_link_map(later);
  EXPECT_EQ(names_behind(head), (Names{"a", "c", "e"}));
  for (LinkMap* map : {&maps[0], &maps[2], &later}) remove_link_map(*map);
  EXPECT_EQ(names_behind(head), Names{});
  remove_link_map(head);
}

TEST(PublishLinkMap, HasTheProgramFirstAndUsLast) {
  in_fresh_process([] {
    MadeUpProcess made_up;
    made_up.add_library("library");
    publish_link_map(process, made_up.arena());
    EXPECT_EQ(loaders__r_debug.r_version, 1);
    EXPECT_EQ(loaders__r_debug.r_state, RendezvousState::kConsistent);
    Names names;
    for (LinkMap* map = loaders__r_debug.r_map; map != nullptr; map = map->l_next)
      names.emplace_back(map->l_name);
    EXPECT_EQ(names, (Names{"", "/made-up/library", "/made-up/ld-seal.so.1"}));
    EXPECT_EQ(made_up.program().link_map, loaders__r_debug.r_map);
  });
}

}  // namespace
}  // namespace ldseal
