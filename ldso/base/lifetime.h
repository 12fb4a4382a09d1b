// Variables by when they may last change. ldso/variables.lds gives each kind separate pages.
// A variable without one of these words may change at any time, and must steer nothing: it holds no
// address of code, and nothing from which one is computed.
#pragma once

#ifdef LDSEAL_IS_LOADER
// Start-up writes it. Before the first constructor runs it becomes read-only, and is sealed.
#define LDSEAL_FINAL [[gnu::section(".bss.final")]]
// It changes now and then. It is read-only, except while a RecordChange exists (mem/records.h).
#define LDSEAL_RECORD [[gnu::section(".bss.record")]]
#else  // crt/ and the tests on the host have one kind only
#define LDSEAL_FINAL
#define LDSEAL_RECORD
#endif
