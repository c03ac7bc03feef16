#pragma once

#include <string>
#include <string_view>

namespace countersign::html {

/// Appends `text` so that it stands for itself in element content and in double-quoted attribute values. Bytes that are
/// no UTF-8, and control characters that HTML does not know, come out as U+FFFD.
void append_escaped(std::string& out, std::string_view text);

[[nodiscard]] std::string escaped(std::string_view text);

/// Whether a link may point there: https, http, mailto, tel, otpauth, or a path, query or fragment of this very site
/// (`//host` is another site). What a browser would run (javascript:, data:) never passes.
[[nodiscard]] bool is_safe_link(std::string_view url);

}  // namespace countersign::html
