// Asks the kernel for mseal(2), without harm where a filter kills for it.
#pragma once

namespace sealctl {

// What mseal of no bytes gives this process: 0, the errno, or kMsealKills if a seccomp filter ends
// a child that tries.
constexpr int kMsealKills = -1;
int ask_for_mseal();

// Does a sealed page stay? Emulators and filters may answer 0 and seal nothing.
bool mseal_holds();

}  // namespace sealctl
