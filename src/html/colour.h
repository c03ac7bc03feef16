#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::html {

/// An sRGB colour.
struct Colour {
  std::array<std::uint8_t, 3> rgb{};

  [[nodiscard]] static std::optional<Colour> parse(std::string_view text);  ///< `#rrggbb`
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Colour&, const Colour&) = default;
};

/// Contrast ratio, 1 to 21 (WCAG 2.2). Text needs 4.5.
[[nodiscard]] double contrast(const Colour& a, const Colour& b);
inline constexpr double kTextContrast = 4.5;

/// `a` mixed with a share of `b`: `share` is 0 to 1.
[[nodiscard]] Colour mixed(const Colour& a, const Colour& b, double share);

/// Page colours derived from an application's accent colour: buttons and links, the text on buttons, and the background
/// of small labels. Each pair of text and background has kTextContrast.
struct AccentColours {
  Colour accent;
  Colour ink;
  Colour soft;
};

/// On a light background the accent is used unchanged, so it must have enough contrast there. Returns the nearest
/// darker colour that has; the colour itself if it has.
[[nodiscard]] Colour readable_on_light(const Colour& accent);
[[nodiscard]] AccentColours accent_on_light(const Colour& accent);
/// On a dark background it is lightened as far as necessary.
[[nodiscard]] AccentColours accent_on_dark(const Colour& accent);

}  // namespace countersign::html
