#include "html/colour.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/encoding.h"

namespace countersign::html {

namespace {

// The backgrounds in web/src/styles/tokens.css on which the accent appears.
constexpr Colour kLightPaper{{0xf6, 0xf5, 0xf1}};
constexpr Colour kDarkSheet{{0x18, 0x1c, 0x20}};
constexpr Colour kWhite{{0xff, 0xff, 0xff}};
constexpr Colour kBlack{{0x00, 0x00, 0x00}};

double luminance(const Colour& colour) {
  const auto linear = [](std::uint8_t value) {
    const double c = value / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.rgb[0]) + 0.7152 * linear(colour.rgb[1]) + 0.0722 * linear(colour.rgb[2]);
}

/// `colour` mixed with the least amount of `towards` that gives enough contrast on `ground`.
Colour until_readable(const Colour& colour, const Colour& towards, const Colour& ground) {
  Colour next = colour;
  for (int step = 1; step <= 50 && contrast(next, ground) < kTextContrast; ++step)
    next = mixed(colour, towards, step / 50.0);
  return next;
}

AccentColours with_company(const Colour& accent, const Colour& sheet) {
  const Colour ink = contrast(accent, kWhite) >= contrast(accent, kBlack) ? kWhite : kBlack;
  Colour soft = sheet;
  for (const double share : {0.12, 0.08, 0.05}) {
    const Colour tinted = mixed(sheet, accent, share);
    if (contrast(accent, tinted) >= kTextContrast) {
      soft = tinted;
      break;
    }
  }
  return {accent, ink, soft};
}

}  // namespace

std::optional<Colour> Colour::parse(std::string_view text) {
  if (text.size() != 7 || text.front() != '#') return std::nullopt;
  const auto bytes = from_hex(text.substr(1));
  if (!bytes) return std::nullopt;
  Colour colour;
  std::ranges::transform(*bytes, colour.rgb.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return colour;
}

std::string Colour::text() const { return fmt::format("#{:02x}{:02x}{:02x}", rgb[0], rgb[1], rgb[2]); }

double contrast(const Colour& a, const Colour& b) {
  const auto [low, high] = std::minmax({luminance(a), luminance(b)});
  return (high + 0.05) / (low + 0.05);
}

Colour mixed(const Colour& a, const Colour& b, double share) {
  Colour out;
  for (std::size_t i = 0; i < out.rgb.size(); ++i) {
    const double value = a.rgb[i] + (b.rgb[i] - a.rgb[i]) * share;
    out.rgb[i] = static_cast<std::uint8_t>(std::lround(value));
  }
  return out;
}

Colour readable_on_light(const Colour& accent) { return until_readable(accent, kBlack, kLightPaper); }
AccentColours accent_on_light(const Colour& accent) { return with_company(readable_on_light(accent), kWhite); }
AccentColours accent_on_dark(const Colour& accent) {
  return with_company(until_readable(accent, kWhite, kDarkSheet), kDarkSheet);
}

}  // namespace countersign::html
