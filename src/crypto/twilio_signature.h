#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// X-Twilio-Signature: signs Twilio's webhooks, and ours on the Verify-compatible side. The key is always the account's
// primary auth token, never an API key's secret.
namespace countersign::crypto {

using FormParameters = std::vector<std::pair<std::string, std::string>>;

/// The header's value for a GET (no parameters) or a form POST. `url` is exactly what is called, with port if any and
/// the query unchanged. Names are sorted by bytes; values of a repeated name are sorted and deduplicated.
[[nodiscard]] std::string twilio_signature(std::string_view auth_token, std::string_view url,
                                           const FormParameters& parameters);

/// For a JSON body: the URL with the body's hash, to call and to sign without parameters.
[[nodiscard]] std::string url_with_body_hash(std::string_view url, std::string_view body);

/// Whether `signature` is valid for the received request. The sender may have signed the URL with or without its port,
/// so both are tried. Compares in constant time.
[[nodiscard]] bool twilio_signature_valid(std::string_view auth_token, std::string_view url,
                                          const FormParameters& parameters, std::string_view signature);

/// The same for a JSON body: `bodySHA256` in the URL must also match the body.
[[nodiscard]] bool twilio_json_signature_valid(std::string_view auth_token, std::string_view url, std::string_view body,
                                               std::string_view signature);

}  // namespace countersign::crypto
