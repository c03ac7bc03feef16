#pragma once

#include <string>
#include <string_view>

namespace countersign::html {

/// Appends `text`, escaped for element content and double-quoted attribute values. Invalid UTF-8, and control
/// characters that HTML forbids, become U+FFFD.
void append_escaped(std::string& out, std::string_view text);

[[nodiscard]] std::string escaped(std::string_view text);

/// Whether a link target is allowed: https, http, mailto, tel, otpauth, or a path, query or fragment of this site
/// (`//host` is another site). Code (javascript:, data:) is never allowed.
[[nodiscard]] bool is_safe_link(std::string_view url);

}  // namespace countersign::html
