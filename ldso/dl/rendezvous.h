// What debuggers read: the list of objects, and the function they stop in when it changes (SVR4
// r_debug, link_map).
#pragma once

#include "ldso/process/process.h"

namespace ldseal {

// Makes the list complete and announces it. DT_DEBUG of the program leads debuggers here.
void publish_link_map(Process& process, Arena& permanent);

// What a debugger sees of one object.
void describe_link_map(LinkMap& map, Module& module);
// Called before and after the list changes, with its lock held.
void announce(RendezvousState state);
void append_link_map(LinkMap& map);
void remove_link_map(LinkMap& map);

}  // namespace ldseal
