// Links: cs_risk cs_base
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "risk/expression.h"

// A condition is read or refused with a sentence; one that is read answers the same when it is read again, and its
// evaluation stays within its stack.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace countersign::risk;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = Expression::parse(text);
  if (!parsed) {
    CS_CHECK(!parsed.error().sentence.empty() && parsed.error().column >= 1 && parsed.error().column <= size + 1);
    return 0;
  }
  CS_CHECK(parsed->says_the_same_as(*Expression::parse(parsed->text())));
  Features features;
  for (std::size_t f = 0; f < kFeatures; ++f) {
    if ((size + f) % 3 != 0) features.set(static_cast<Feature>(f), static_cast<double>((size * f) % 5));
  }
  features.words.country = "BR";
  const bool matched = parsed->matches(Point::kHold, features);
  CS_CHECK(matched == parsed->matches(Point::kHold, features));
  static_cast<void>(parsed->figures(Point::kHold, features));
  return 0;
}
