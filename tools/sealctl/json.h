// JSON as sealctl prints it: one object, whose first member is the number of its schema.
#pragma once

#include <nlohmann/json.hpp>

namespace sealctl {

using Json = nlohmann::ordered_json;

// The number grows when a member goes away or changes its meaning. New members do not change it.
constexpr int kJsonSchema = 1;

// An object with "schema" alone.
Json json_document();

// Prints the object and a newline. Bytes that are no UTF-8 become U+FFFD.
void print_json(const Json& document);

}  // namespace sealctl
