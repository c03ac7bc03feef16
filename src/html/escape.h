#pragma once

#include <string_view>

namespace countersign::html {

/// Whether a link target is allowed: https, http, mailto, tel, otpauth, or a path, query or fragment of this site
/// (`//host` is another site). Code (javascript:, data:) is never allowed.
[[nodiscard]] bool is_safe_link(std::string_view url);

}  // namespace countersign::html
