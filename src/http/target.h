#pragma once

#include <optional>
#include <string_view>

#include "http/request.h"

namespace countersign::http {

/// The parts of a request target (RFC 9112 section 3.2): views into it, not decoded.
struct Target {
  std::string_view authority;  ///< Of the absolute form (`http://host/path`), else empty.
  std::string_view path;       ///< Starts with `/`, or is `*`.
  std::string_view query;      ///< Without the `?`.
};

/// Parses the origin form, the absolute form and, for OPTIONS, `*`. Nothing for anything else, and for a target with a
/// fragment, with bytes that are not visible ASCII, with broken escapes, or with a path that does not decode to UTF-8
/// without control characters (its segments become text in the store).
[[nodiscard]] std::optional<Target> parse_target(std::string_view text, Method method);

/// A Host header's value, or the authority of a target: `name`, `1.2.3.4`, `[::1]`, each with an optional port.
[[nodiscard]] bool is_authority(std::string_view text);

}  // namespace countersign::http
