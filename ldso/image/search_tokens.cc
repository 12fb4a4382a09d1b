// Dynamic string tokens in run paths and names: their values, and what a privileged process must
// not follow, because its caller may have chosen it.
#include <linux/limits.h>

#include "arch/native.h"
#include "ldso/base/text.h"
#include "ldso/image/search.h"

namespace ldseal {
namespace {

// Returns the length of the token `name` at the start of `text`, in either form: $NAME or ${NAME}.
// Returns 0 for anything else.
size_t token_length(std::string_view text, std::string_view name) {
  text.remove_prefix(1);
  bool braced = text.starts_with('{');
  if (braced) text.remove_prefix(1);
  if (!text.starts_with(name)) return 0;
  text.remove_prefix(name.size());
  if (braced) return text.starts_with('}') ? name.size() + 3 : 0;
  char next = text.empty() ? '\0' : text[0];
  bool word_goes_on = (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z') || next == '_' ||
                      (next >= '0' && next <= '9');
  return word_goes_on ? 0 : name.size() + 1;
}

// The same for musl. Its only token is $ORIGIN, and a letter may follow it directly.
size_t musl_token_length(std::string_view text) {
  for (std::string_view token : {"$ORIGIN", "${ORIGIN}"}) {
    if (text.starts_with(token)) return token.size();
  }
  return 0;
}

}  // namespace

// Returns the directory of the file that the kernel started, or of the path by which another object
// was found.
const char* LibrarySearch::origin_of(Module& module) {
  if (module.origin != nullptr) return module.origin;
  TextBuffer<PATH_MAX> path;
  char text[PATH_MAX];
  if (module.is_running_executable) {
    kernel::Answer got = kernel::read_link("/proc/self/exe", text, sizeof text);
    if (!got.failed()) path << std::string_view(text, static_cast<size_t>(got.value));
  } else if (module.file_path[0] != '/') {
    kernel::Answer got = kernel::current_directory(text, sizeof text);
    if (!got.failed()) path << text << (equal(text, "/") ? "" : "/") << module.file_path;
  } else {
    path << module.file_path;
  }
  // /proc may be missing, and the kernel does not know the path of every current directory.
  if (path.overflowed() || !path.text().starts_with('/')) return nullptr;
  const char* origin = arena_.copy(directory_name(path.text()));
  if (!settings_.modules_are_final) module.origin = origin;
  return origin;
}

void LibrarySearch::settle_origin(Module& module) {
  if (module.file_path[0] != '/' && !module.is_running_executable)
    module.origin = origin_of(module);
}

// musl has an empty origin for a file in the root directory. The caller of a privileged program can
// choose the origin, by a hard link or by a relative path.
const char* LibrarySearch::musl_origin(Module& module) {
  bool caller_chooses = module.is_running_executable || module.file_path[0] != '/';
  if (settings_.secure && caller_chooses) return nullptr;
  const char* origin = origin_of(module);
  return origin != nullptr && equal(origin, "/") ? "" : origin;
}

// musl ignores a whole run path that contains any other token, or an $ORIGIN that must not be
// followed.
bool LibrarySearch::musl_follows(std::string_view list, Module& module) {
  size_t at = list.find('$');
  if (at == std::string_view::npos) return true;
  for (; at != std::string_view::npos; at = list.find('$', at + 1)) {
    if (musl_token_length(list.substr(at)) == 0) return false;
  }
  return musl_origin(module) != nullptr;
}

const char* LibrarySearch::expand(std::string_view text, Module& module) {
  return is_musl() ? expand_as_musl(text, module) : expand_as_glibc(text, module);
}

const char* LibrarySearch::expand_as_musl(std::string_view text, Module& module) {
  const char* origin = musl_origin(module);
  if (origin == nullptr) return nullptr;
  TextBuffer<PATH_MAX> out;
  while (!text.empty()) {
    size_t length = musl_token_length(text);
    if (length != 0) {
      out << origin;
    } else {
      out << text[0];
      length = 1;
    }
    text.remove_prefix(length);
  }
  return out.overflowed() || out.text().empty() ? nullptr : arena_.copy(out.text());
}

// In a privileged process $ORIGIN counts only as the first component of a directory. The program's
// own $ORIGIN counts only if it leads into the system's directories, because the caller can choose
// it by a hard link.
const char* LibrarySearch::expand_as_glibc(std::string_view text, Module& module) {
  TextBuffer<PATH_MAX> out;
  bool uses_origin = false, is_first_directory = true;
  for (size_t length = 0; !text.empty(); text.remove_prefix(length)) {
    if (text[0] == '$' && (length = token_length(text, "ORIGIN")) != 0) {
      const char* origin = origin_of(module);
      if (origin == nullptr) return nullptr;
      std::string_view behind = text.substr(length);
      bool ends_directory = behind.empty() || behind[0] == '/';
      is_first_directory = is_first_directory && out.text().empty() && ends_directory;
      uses_origin = true;
      out << origin;
    } else if (text[0] == '$' && (length = token_length(text, "LIB")) != 0) {
      out << "lib/" << Native::kMultiarch;
    } else if (text[0] == '$' && (length = token_length(text, "PLATFORM")) != 0) {
      out << platform_name(settings_.platform != nullptr ? settings_.platform : Native::kPlatform);
    } else {
      out << text[0];
      length = 1;
    }
  }
  if (out.overflowed() || out.text().empty()) return nullptr;
  if (!settings_.secure || !uses_origin) return arena_.copy(out.text());
  if (!is_first_directory) return nullptr;
  if (&module == &program_) return system_directories_.path_below(out.text(), arena_);
  return arena_.copy(out.text());
}

bool LibrarySearch::is_forbidden_name(std::string_view name) const {
  if (!settings_.secure || is_musl()) return false;
  for (size_t at = name.find('$'); at != std::string_view::npos; at = name.find('$', at + 1)) {
    for (std::string_view token : {"ORIGIN", "LIB", "PLATFORM"}) {
      if (token_length(name.substr(at), token) != 0) return true;
    }
  }
  return false;
}

}  // namespace ldseal
