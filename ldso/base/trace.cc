// The enabled topics and the function that writes the lines. words/trace_text.cc sets both.
#include "ldso/base/trace.h"

#include "ldso/base/lifetime.h"

namespace ldseal::trace {

LDSEAL_FINAL constinit uint32_t enabled_topics = 0;
LDSEAL_FINAL constinit void (*sink)(Topic topic, const TraceLine& line) = nullptr;

}  // namespace ldseal::trace
