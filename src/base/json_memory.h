#pragma once

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <cstddef>
#include <string_view>

#include "base/json.h"

namespace countersign {

/// Memory for one value that does not outlive it: on the stack for an ordinary text, and released all at once. Wiped at
/// the end, but for what a long text needs besides.
class JsonMemory {
 public:
  JsonMemory() = default;
  JsonMemory(const JsonMemory&) = delete;
  JsonMemory& operator=(const JsonMemory&) = delete;
  ~JsonMemory();

 private:
  friend Result<json::value, JsonError> parse_json(std::string_view text, JsonMemory& memory, const JsonLimits& limits);
  alignas(std::max_align_t) std::array<unsigned char, 2048> bytes_;  // Not filled with zeros.
  json::monotonic_resource resource_{bytes_.data(), bytes_.size()};
};

/// parse_json of base/json.h into `memory`, which outlives the value. Copies of the value, and of its parts, have
/// memory of their own.
[[nodiscard]] Result<json::value, JsonError> parse_json(std::string_view text, JsonMemory& memory,
                                                        const JsonLimits& limits = {});

}  // namespace countersign
