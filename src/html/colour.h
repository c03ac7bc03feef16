#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::html {

/// A colour of sRGB.
struct Colour {
  std::array<std::uint8_t, 3> rgb{};

  [[nodiscard]] static std::optional<Colour> parse(std::string_view text);  ///< `#rrggbb`
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Colour&, const Colour&) = default;
};

/// Contrast ratio, 1 to 21 (WCAG 2.2). Text needs 4.5.
[[nodiscard]] double contrast(const Colour& a, const Colour& b);
inline constexpr double kTextContrast = 4.5;

/// `share` of `b` in `a`, 0 to 1.
[[nodiscard]] Colour mixed(const Colour& a, const Colour& b, double share);

/// What the pages colour with an application's accent: buttons and links, the text on buttons, and the ground of small
/// labels. Each pair that text stands in has kTextContrast.
struct AccentColours {
  Colour accent;
  Colour ink;
  Colour soft;
};

/// On white paper the accent stands as it was given, so it must have contrast there; this answers one that has, the
/// nearest by darkening: the colour itself where it does already.
[[nodiscard]] Colour readable_on_light(const Colour& accent);
[[nodiscard]] AccentColours accent_on_light(const Colour& accent);
/// On dark paper it is lightened as far as it must be.
[[nodiscard]] AccentColours accent_on_dark(const Colour& accent);

}  // namespace countersign::html
