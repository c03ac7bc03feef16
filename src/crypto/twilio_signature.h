#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// X-Twilio-Signature: how Twilio signs its webhooks, and how the Verify-compatible side signs its own.
// The key is always the account's primary auth token, never an API key's secret.
namespace countersign::crypto {

using FormParameters = std::vector<std::pair<std::string, std::string>>;

/// The header's value for a GET (no parameters) or a form POST. `url` is exactly what is called, with port if any and
/// the query as it stands. Names are sorted by bytes; a repeated name's values are sorted and each counts once.
[[nodiscard]] std::string twilio_signature(std::string_view auth_token, std::string_view url,
                                           const FormParameters& parameters);

/// A JSON body goes in by its hash: what to call, and to sign with no parameters.
[[nodiscard]] std::string url_with_body_hash(std::string_view url, std::string_view body);

/// Whether `signature` is right for what was received. The sender may have signed the URL with or without its port, so
/// both are tried. Compares in constant time.
[[nodiscard]] bool twilio_signature_valid(std::string_view auth_token, std::string_view url,
                                          const FormParameters& parameters, std::string_view signature);

/// The same for a JSON body: the URL must name the body's SHA-256 in `bodySHA256` as well.
[[nodiscard]] bool twilio_json_signature_valid(std::string_view auth_token, std::string_view url, std::string_view body,
                                               std::string_view signature);

}  // namespace countersign::crypto
