#pragma once

#include <string>
#include <string_view>

namespace countersign {

/// Appends `text`, escaped for element content and double-quoted attribute values of HTML. Invalid UTF-8, and control
/// characters that HTML forbids, become U+FFFD.
void append_html_escaped(std::string& out, std::string_view text);

[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace countersign
