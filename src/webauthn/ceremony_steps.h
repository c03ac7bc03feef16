#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

#include "webauthn/ceremony.h"
#include "webauthn/client_data.h"

// The steps that registration (7.1) and authentication (7.2) have in common. Each answers the refusal, or nothing.
namespace countersign::webauthn::steps {

using Check = std::optional<Refusal>;

template <class List, class Value>
[[nodiscard]] bool contains(const List& list, const Value& value) {
  return std::ranges::find(list, value) != list.end();
}

/// 7.1 step 7, 7.2 step 10: "Verify that the value of C.type is …". [WA-R5, WA-A4]
[[nodiscard]] Check check_type(const ClientData& client_data, std::string_view type);

/// 7.1 step 8, 7.2 step 11: "Verify that the value of C.challenge equals the base64url encoding of options.challenge".
/// [WA-R6, WA-A5]
[[nodiscard]] Check check_challenge(const ClientData& client_data, std::string_view challenge);

/// 7.1 step 9, 7.2 step 12: "Verify that the value of C.origin is an origin expected by the Relying Party". [WA-R7]
[[nodiscard]] Check check_origin(const ClientData& client_data, const RelyingParty& party);

/// 7.1 step 10, 7.2 step 13: "If C.crossOrigin is present and set to true, …". [WA-R8]
[[nodiscard]] Check check_cross_origin(const ClientData& client_data, const RelyingParty& party);

/// 7.1 step 11, 7.2 step 14: "If C.topOrigin is present, …". [WA-R9]
[[nodiscard]] Check check_top_origin(const ClientData& client_data, const RelyingParty& party);

/// 7.1 step 14, 7.2 step 15: "Verify that the rpIdHash in authData is the SHA-256 hash of the RP ID expected". [WA-R11]
[[nodiscard]] Check check_rp_id_hash(const AuthenticatorData& data, std::string_view rp_id);

/// 7.1 step 16, 7.2 step 17: "If the Relying Party requires user verification, …". [WA-R13, WA-A7]
[[nodiscard]] Check check_user_verified(const AuthenticatorData& data, UserVerification wanted);

/// 7.1 step 17, 7.2 step 18: "If the BE bit is not set, verify that the BS bit is not set." [WA-R14, WA-A8]
[[nodiscard]] Check check_backup_bits(const AuthenticatorData& data);

}  // namespace countersign::webauthn::steps
