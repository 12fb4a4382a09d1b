// What the command line and the environment ask for (ld.so(8)).
#pragma once

#include "ldso/base/result.h"
#include "ldso/sys/process_stack.h"

namespace ldseal {

enum class Action : uint8_t { kRun, kList, kVerify, kHelp, kVersion, kAskLibcRtld };

struct Options {
  Action action = Action::kRun;
  bool is_command = false;        // started as a program: `ld-seal-….so.1 [options] program args`
  const char* program = nullptr;  // path, when is_command
  const char* argument_zero = nullptr;
  const char* command_name = nullptr;           // argv[0] of ld-seal itself, when is_command
  const char* executable_name = nullptr;        // AT_EXECFN as the kernel gave it, when is_command
  size_t dropped_arguments = 0;                 // those before the program, when is_command
  const char* library_path = nullptr;           // --library-path
  const char* library_path_variable = nullptr;  // LD_LIBRARY_PATH
  const char* first_library_path_variable = nullptr;  // of several in the environment: for musl
  const char* preload_option = nullptr;               // --preload
  const char* preload_variable = nullptr;             // LD_PRELOAD
  const char* first_preload_variable = nullptr;       // of several in the environment: for musl
  const char* debug = nullptr;                        // LD_DEBUG
  const char* own_debug = nullptr;                    // LDSEAL_DEBUG
  const char* debug_output = nullptr;                 // LD_DEBUG_OUTPUT
  const char* policy = nullptr;                       // LDSEAL
  const char* guards = nullptr;                       // LDSEAL_GUARD
  const char* tunables = nullptr;                     // GLIBC_TUNABLES
  const char* recorder = nullptr;                     // RUNNING_UNDER_RR
  const char* trace_loaded_objects = nullptr;         // LD_TRACE_LOADED_OBJECTS
  const char* verbose = nullptr;                      // LD_VERBOSE
  const char* show_auxiliary = nullptr;               // LD_SHOW_AUXV
  const char* inhibit_rpath = nullptr;                // --inhibit-rpath
  const char* hwcaps_prepend = nullptr;               // --glibc-hwcaps-prepend
  const char* hwcaps_mask = nullptr;                  // --glibc-hwcaps-mask
  const char* dynamic_weak = nullptr;                 // LD_DYNAMIC_WEAK
  const char* audit_option = nullptr;                 // --audit
  const char* audit_variable = nullptr;               // LD_AUDIT
  const char* profiled = nullptr;                     // LD_PROFILE
  const char* bind_now = nullptr;                     // LD_BIND_NOW
  bool inhibit_cache = false;
  bool overrides_weak = false;  // LD_DYNAMIC_WEAK is set
  bool secure = false;
};

// Reads the environment. Under AT_SECURE only preloads of trusted files and LD_BIND_NOW have an
// effect, and variables that must not be passed on are removed (sys/secure_execution.h).
void read_environment(Options& options, ProcessStack& stack);

// Reads the command line of ld-seal and removes ld-seal's part of it, so that argv[0] is the
// program's. Errors: kBadOption, kMissingArgument.
Status read_command_line(Options& options, ProcessStack& stack);

}  // namespace ldseal
