#pragma once

#include <string>
#include <string_view>

namespace countersign::api {

// Lines of sh for the pages of the development mode, to be copied. The key is in none of them: they read it from the
// credentials' file.

/// `KEY=…` from that file.
[[nodiscard]] std::string key_line(std::string_view credentials_file);

/// A hold by curl; `url` is the server's.
[[nodiscard]] std::string hold_line(std::string_view url);

}  // namespace countersign::api
