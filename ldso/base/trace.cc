// The enabled topics and the function that writes the lines. words/trace_text.cc sets both.
#include "ldso/base/trace.h"

namespace ldseal::trace {

constinit uint32_t enabled_topics = 0;
constinit void (*sink)(Topic topic, const TraceLine& line) = nullptr;

}  // namespace ldseal::trace
