#include <algorithm>

#include "base/ascii.h"
#include "main/config/config.h"
#include "main/config/parts.h"
#include "main/config/reader.h"

namespace countersign::main {

namespace {

constexpr int kExpectedMax = 10'000'000;

std::optional<risk::PumpingSettings::Mode> parse_pumping(std::string_view text) {
  if (text == "on") return risk::PumpingSettings::Mode::kOn;
  if (text == "shadow") return risk::PumpingSettings::Mode::kShadow;
  if (text == "off") return risk::PumpingSettings::Mode::kOff;
  return std::nullopt;
}

}  // namespace

void read_pumping(Section& section, risk::PumpingSettings& out) {
  section.parsed("pumping", out.mode, parse_pumping, "\"on\", \"shadow\" or \"off\"");
  auto expected = section.section("expected");
  for (const auto& country : expected.names()) {
    if (country.size() != 2 || !std::ranges::all_of(country, is_upper))
      expected.fail(country, "is no country such as BR");
    int codes = 0;
    expected.integer(country, codes, 0, kExpectedMax);
    out.expected[country] = codes;
  }
  expected.finish();
}

}  // namespace countersign::main
