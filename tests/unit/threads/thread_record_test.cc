// The lists of threads.
#include "ldso/threads/thread_record.h"

#include <gtest/gtest.h>
#include <vector>

namespace ldseal {
namespace {

using Records = std::vector<const ThreadRecord*>;

Records in_list(const ThreadList& list) {
  Records records;
  list.for_each([&](const ThreadRecord& r) { records.push_back(&r); });
  return records;
}

TEST(ThreadList, HasTheLatestFirst) {
  ThreadList list;
  EXPECT_EQ(in_list(list), Records{});
  ThreadRecord records[3] = {};
  for (ThreadRecord& r : records) list.add(r);
  EXPECT_EQ(in_list(list), (Records{&records[2], &records[1], &records[0]}));
  list.clear();
  EXPECT_EQ(in_list(list), Records{});
}

TEST(ThreadList, HasTheOthersWhicheverIsRemoved) {
  for (size_t gone : {0u, 1u, 2u}) {
    ThreadList list;
    ThreadRecord records[3] = {};
    Records others;
    for (ThreadRecord& r : records) list.add(r);
    for (size_t i : {2u, 1u, 0u})
      if (i != gone) others.push_back(&records[i]);
    list.remove(records[gone]);
    EXPECT_EQ(in_list(list), others) << gone;
    list.add(records[gone]);
    others.insert(others.begin(), &records[gone]);
    EXPECT_EQ(in_list(list), others) << "again " << gone;
  }
}

TEST(ThreadList, IsEmptyOnceTheLastIsRemoved) {
  ThreadList list;
  ThreadRecord records[2] = {};
  for (ThreadRecord& r : records) list.add(r);
  for (ThreadRecord& r : records) list.remove(r);
  EXPECT_EQ(in_list(list), Records{});
}

TEST(ThreadList, FindsAThreadByItsHandle) {
  ThreadList list;
  ThreadRecord first = {}, second = {};
  first.handle = 7;
  second.handle = 8;
  list.add(first);
  EXPECT_EQ(list.find(8), nullptr);
  list.add(second);
  EXPECT_EQ(list.find(7), &first);
  EXPECT_EQ(list.find(8), &second);
}

}  // namespace
}  // namespace ldseal
