// What debuggers read: the list of objects, and the function in which they stop when it changes
// (struct r_debug and link_map of <link.h>).
#pragma once

#include "ldso/process/process.h"

namespace ldseal {

// Fills the list with the start-up objects, sets the program's DT_DEBUG, and announces the list.
void publish_link_map(Process& process, Arena& permanent);

// Fills the entry of one object.
void describe_link_map(LinkMap& map, Module& module);
// Informs debuggers that the list is about to change, or has changed. list_lock is held.
void announce(RendezvousState state);
// Shows the lists that libc's rtld has of other namespaces, which have changed. list_lock is held.
void show_namespaces();
void append_link_map(LinkMap& map);
void remove_link_map(LinkMap& map);
// Makes the list anew behind the start-up objects, from any state.
void relink_opened(std::span<Module* const> opened);

}  // namespace ldseal
