// Finding a module by address, and a function of libc by name.
#include "ldso/process/process.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "tests/lib_cc/host_libc.h"
#include "tests/lib_cc/made_up_process.h"

namespace ldseal {
namespace {

using testing_tools::MadeUpProcess;

TEST(ModuleAt, FindsEachModuleFromItsFirstByteToItsLast) {
  MadeUpProcess made_up;
  for (uint64_t i = 1; i <= 7; ++i) {
    Module& m = made_up.add_library(std::to_string(i));
    m.span = {Address(i * 0x10000), Address(i * 0x10000 + 0x2000)};
    process.by_address.add(made_up.arena(), &m);
  }
  for (Module* m : process.by_address) {
    EXPECT_EQ(module_at(m->span.start), m);
    EXPECT_EQ(module_at(Address(m->span.end.value - 1)), m);
    EXPECT_EQ(module_at(m->span.end), nullptr);
    EXPECT_EQ(module_at(Address(m->span.start.value - 1)), nullptr);
  }
}

TEST(LibcFunction, IsTheOneThatLibcHas) {
  MadeUpProcess made_up(LibcFamily::kGlibc);
  made_up.add_libc(testing_tools::host_libc());
  void* libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);  // not what a sanitizer has before it
  for (const char* name :
       {"pthread_key_create", "pthread_attr_getstack", "__cxa_thread_atexit_impl"})
    EXPECT_EQ(libc_function(name).as<void>(), dlsym(libc, name)) << name;
  EXPECT_EQ(libc_function("no_such_function").value, 0u);
  dlclose(libc);
}

TEST(LibcFunction, IsNullWithoutALibc) {
  MadeUpProcess made_up;
  EXPECT_EQ(libc_function("pthread_key_create").value, 0u);
}

}  // namespace
}  // namespace ldseal
