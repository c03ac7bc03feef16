#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "webauthn/refusal.h"

// WebAuthn L3, 5.8.1, "Client Data Used in WebAuthn Signatures": what the browser says of the ceremony.
namespace countersign::webauthn {

/// Larger client data is refused unread. Those of browsers have a few hundred bytes, besides names and origins.
inline constexpr std::size_t kClientDataMax = std::size_t{8} * 1024;

struct ClientData {
  std::string type;
  std::string challenge;  ///< as base64url text
  std::string origin;
  bool cross_origin = false;
  std::optional<std::string> top_origin;
};

/// Reads one JSON object in UTF-8, after a byte order mark if there is one, and nothing after it. Names that stand
/// twice are refused, unknown ones ignored. Other texts than the serialization of 5.8.1.1 are taken, as 7.1 step 6 has
/// it. Errors: kResponseTooLarge, kClientDataMalformed. [WA-R4]
[[nodiscard]] Result<ClientData, Refusal> parse_client_data(std::string_view bytes);

}  // namespace countersign::webauthn
