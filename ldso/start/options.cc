// The options of the command line and the variables of the environment, each in one row.
#include "ldso/start/options.h"

#include "ldso/base/number.h"
#include "ldso/base/text.h"
#include "ldso/sys/secure_execution.h"

namespace ldseal {
namespace {

// Where a variable goes that may be in the environment more than once: the last of them is glibc's,
// the first what getenv(3) returns. Null: it is not used.
struct Variable {
  char name[24];
  const char* Options::*last;
  const char* Options::*first;
};

constexpr Variable kVariables[] = {
    {"LD_LIBRARY_PATH", &Options::library_path_variable, &Options::first_library_path_variable},
    {"LD_PRELOAD", &Options::preload_variable, &Options::first_preload_variable},
    {"LD_BIND_NOW", &Options::bind_now, nullptr},
    {"LD_DEBUG", &Options::debug, nullptr},
    {"LD_DEBUG_OUTPUT", &Options::debug_output, nullptr},
    {"LD_VERBOSE", &Options::verbose, nullptr},
    {"LD_SHOW_AUXV", &Options::show_auxiliary, nullptr},
    {"LDSEAL", nullptr, &Options::policy},
    {"LDSEAL_DEBUG", nullptr, &Options::own_debug},
    {"LDSEAL_GUARD", nullptr, &Options::guards},
    {"RUNNING_UNDER_RR", nullptr, &Options::recorder},
    {"GLIBC_TUNABLES", &Options::tunables, nullptr},
    {"LD_DYNAMIC_WEAK", &Options::dynamic_weak, nullptr},
    {"LD_AUDIT", &Options::audit_variable, nullptr},
    {"LD_PROFILE", &Options::profiled, nullptr},
    {"LD_TRACE_LOADED_OBJECTS", &Options::trace_loaded_objects, nullptr},
};

// `entry` is NAME=value.
void take_variable(Options& options, const char* entry) {
  for (const Variable& known : kVariables) {
    size_t length = text_length(known.name);
    bool named = starts_with(entry, known.name) && entry[length] == '=';
    if (!named) continue;
    const char* value = entry + length + 1;
    if (known.last != nullptr) options.*known.last = value;
    if (known.first != nullptr && options.*known.first == nullptr) options.*known.first = value;
    return;
  }
}

void forget_if_empty(Options& options, const char* Options::*variable) {
  if (variable == nullptr) return;
  const char*& value = options.*variable;
  if (value != nullptr && *value == '\0') value = nullptr;
}

// LD_PRELOAD stays in force, for trusted files only (image/search.h); LD_BIND_NOW does no harm.
void become_secure(Options& options, ProcessStack& stack) {
  Options trusted;
  trusted.secure = true;
  trusted.preload_variable = options.preload_variable;
  trusted.first_preload_variable = options.first_preload_variable;
  trusted.bind_now = options.bind_now;
  options = trusted;
  stack.remove_variables(is_unsecure_variable);
}

struct Flag {
  char name[20];
  Action action;
};

constexpr Flag kActions[] = {
    {"--list", Action::kList},
    {"--verify", Action::kVerify},
    {"--help", Action::kHelp},
    {"--version", Action::kVersion},
    {"--list-tunables", Action::kAskLibcRtld},
    {"--list-diagnostics", Action::kAskLibcRtld},
};

struct Valued {
  char name[24];
  const char* Options::*to;
};

constexpr Valued kValued[] = {
    {"--library-path", &Options::library_path},
    {"--inhibit-rpath", &Options::inhibit_rpath},
    {"--glibc-hwcaps-prepend", &Options::hwcaps_prepend},
    {"--glibc-hwcaps-mask", &Options::hwcaps_mask},
    {"--preload", &Options::preload_option},
    {"--audit", &Options::audit_option},
    {"--argv0", &Options::argument_zero},
};

Error option_error(Fault f, const char* option) {
  Error e = fault(f);
  e.name = option;
  return e;
}

// Reads the option at `argument`. Returns how many arguments it takes; 0: it is not an option.
Result<size_t> take_option(Options& options, char** argument) {
  std::string_view name = *argument;
  for (const Flag& flag : kActions) {
    if (name != flag.name) continue;
    options.action = flag.action;
    return size_t{1};
  }
  if (name == "--inhibit-cache") {
    options.inhibit_cache = true;
    return size_t{1};
  }
  for (const Valued& valued : kValued) {
    if (name == valued.name) {
      if (argument[1] == nullptr) return option_error(Fault::kMissingArgument, *argument);
      options.*valued.to = argument[1];
      return size_t{2};
    }
    size_t length = text_length(valued.name);
    bool joined = name.starts_with(valued.name) && name.size() > length && name[length] == '=';
    if (!joined) continue;
    options.*valued.to = *argument + length + 1;
    return size_t{1};
  }
  if (name.substr(0, 2) == "--") return option_error(Fault::kBadOption, *argument);
  return size_t{0};
}

}  // namespace

void read_environment(Options& options, ProcessStack& stack) {
  options.secure = stack.is_secure();
  for (char** entry = stack.environment; *entry != nullptr; ++entry) {
    bool may_be_known =
        starts_with(*entry, "LD") || starts_with(*entry, "RU") || starts_with(*entry, "GL");
    if (may_be_known) take_variable(options, *entry);
  }
  // In glibc these two count with an empty value, too.
  bool lists = options.trace_loaded_objects != nullptr;
  bool overrides_weak = options.dynamic_weak != nullptr;
  for (const Variable& known : kVariables) {
    forget_if_empty(options, known.last);
    forget_if_empty(options, known.first);
  }
  if (options.secure) return become_secure(options, stack);
  if (lists) options.action = Action::kList;
  options.overrides_weak = overrides_weak;
}

Status read_command_line(Options& options, ProcessStack& stack) {
  options.is_command = true;
  if (stack.argument_count() == 0) return option_error(Fault::kMissingArgument, "PROGRAM");
  char** argument = stack.arguments + 1;
  while (*argument != nullptr) {
    Result<size_t> taken = take_option(options, argument);
    if (!taken) return taken.error();
    if (*taken == 0) break;
    argument += *taken;
  }
  bool wants_no_program = options.action == Action::kHelp || options.action == Action::kVersion ||
                          options.action == Action::kAskLibcRtld;
  if (wants_no_program) return {};
  if (*argument == nullptr) return option_error(Fault::kMissingArgument, "PROGRAM");
  options.program = *argument;
  options.command_name = stack.arguments[0];
  options.executable_name = Address(stack.value(AT_EXECFN)).as<const char>();
  options.dropped_arguments = static_cast<size_t>(argument - stack.arguments);
  stack.drop_arguments(options.dropped_arguments);
  if (options.argument_zero != nullptr)
    stack.arguments[0] = const_cast<char*>(options.argument_zero);
  return {};
}

}  // namespace ldseal
