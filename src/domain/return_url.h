#pragma once

#include <span>
#include <string>
#include <string_view>

namespace countersign::domain {

/// An http or https URL that a page may show as a link: with a host, and without characters that a browser would drop
/// or interpret differently.
[[nodiscard]] bool is_web_url(std::string_view url);

/// Whether a page may redirect a person to `url`, which is_web_url. An allowed URL covers its origin, compared exactly
/// (scheme, host in any case, port, where 443 and 80 may be omitted), and all paths below its own:
/// `https://app.example.com/back` allows `/back`, `/back?x=1` and `/back/1`, not `/backup`. An empty list allows all.
///
/// A list also refuses ambiguous URLs: a user before the host, and `.` or `..` in the path.
[[nodiscard]] bool may_return_to(std::span<const std::string> allowed, std::string_view url);

/// Whether `url` is valid in such a list: an origin with a path, without query and fragment.
[[nodiscard]] bool is_return_prefix(std::string_view url);

}  // namespace countersign::domain
