// See classes.h.
#include "tools/sealctl/classes.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <ldseal/classes.h>

#include "tools/sealctl/failure.h"

namespace sealctl {
namespace {

struct Class {
  std::string_view name;
  unsigned bits;
};

constexpr std::array kClasses = {
    Class{"text", LDSEAL_CLASS_TEXT},     Class{"relro", LDSEAL_CLASS_RELRO},
    Class{"system", LDSEAL_CLASS_SYSTEM}, Class{"loader", LDSEAL_CLASS_LOADER},
    Class{"data", LDSEAL_CLASS_DATA},     Class{"dlopen", LDSEAL_CLASS_DLOPEN},
    Class{"guards", LDSEAL_CLASS_GUARDS}, Class{"wx", LDSEAL_CLASS_WX},
    Class{"stack", LDSEAL_CLASS_STACK},   Class{"plt", LDSEAL_CLASS_PLT},
    Class{"all", LDSEAL_CLASS_ALL},
};

unsigned class_named(std::string_view word) {
  const auto* found = std::ranges::find(kClasses, word, &Class::name);
  if (found == kClasses.end()) throw unknown("class", word);
  return found->bits;
}

}  // namespace

unsigned classes_named(std::string_view list) {
  unsigned classes = 0;
  for (size_t comma; (comma = list.find(',')) != list.npos; list.remove_prefix(comma + 1))
    classes |= class_named(list.substr(0, comma));
  return classes | class_named(list);
}

std::vector<std::string> class_names() {
  std::vector<std::string> names;
  names.reserve(std::size(kClasses));
  for (const Class& each : kClasses) names.emplace_back(each.name);
  return names;
}

}  // namespace sealctl
