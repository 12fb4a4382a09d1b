// As GoogleTest's own, but without a line of its own at every start: tests here start themselves anew.
#include <gtest/gtest.h>

int main(int count, char** words) {
  testing::InitGoogleTest(&count, words);
  return RUN_ALL_TESTS();
}
