#pragma once

#include <string>
#include <string_view>

namespace countersign::api {

// Shell commands to copy, for pages and console output of development mode. They do not contain the key.

/// `KEY=…`, read from the credentials file.
[[nodiscard]] std::string key_line(std::string_view credentials_file);

/// A hold with curl; `url` is the server's.
[[nodiscard]] std::string hold_line(std::string_view url);

/// The main flow in three steps, where `$U` is the server's URL and `$KEY` the key. Each step uses `$ID`, set by the
/// one before.
struct CurlSteps {
  std::string hold;
  std::string prove;  ///< Sends the code, reads it from the inbox, checks it.
  std::string claim;  ///< Claims and acknowledges.
};
[[nodiscard]] CurlSteps curl_steps();

}  // namespace countersign::api
