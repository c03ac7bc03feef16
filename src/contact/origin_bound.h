#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace countersign::contact {

// Codes that browsers fill in only on the site they are meant for (WICG, "Origin-bound one-time codes delivered via
// SMS"). [SMS-1, SMS-2]

/// The last line of a message: `@host #code`, and ` @embedded_host` where the page is in a frame of another site.
/// nullopt when a host is not an ASCII (punycode) host name without scheme and port, or the code is empty or has white
/// space: browsers would not parse the line.
[[nodiscard]] std::optional<std::string> origin_bound_line(std::string_view host, std::string_view code,
                                                           std::string_view embedded_host = "");

/// `text`, a blank line, and the line above.
[[nodiscard]] std::optional<std::string> bind_to_origin(std::string_view text, std::string_view host,
                                                        std::string_view code);

struct OriginBoundCode {
  std::string host;
  std::string code;
  std::string embedded_host;  ///< Empty when there is none.
};

/// What a browser reads from a message; nullopt if its last line does not have this form.
[[nodiscard]] std::optional<OriginBoundCode> parse_origin_bound(std::string_view message);

}  // namespace countersign::contact
