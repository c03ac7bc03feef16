// Links: cs_base
// JSON bodies: nothing crashes the parser, and accepted input has one canonical form, which parses as itself.
#include <cstdint>
#include <cstdlib>

#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = countersign::parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const std::string canonical = countersign::canonical_json(*value);
  const auto again = countersign::parse_json(canonical);
  if (!again || countersign::canonical_json(*again) != canonical) std::abort();
  return 0;
}
