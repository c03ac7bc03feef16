#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"
#include "store/repository/push_material.h"

// What a device signs: ECDSA on P-256 with SHA-256 over these lines of text, the signature as r and s of 32 bytes each,
// as WebCrypto gives it. docs/push.md has them for pages. The first line names the kind, so that no signature passes
// for another; all values are without line feeds, so that there is one way to divide the text. Bytes are in base64url.
namespace countersign::usecase {

/// The key belongs to whoever enrols, and messages go there.
[[nodiscard]] std::string enrolment_text(std::string_view challenge, const store::PushSubscription& to);
/// Messages go there from now on.
[[nodiscard]] std::string subscription_text(const FactorId& factor, std::int64_t signed_at,
                                            const store::PushSubscription& to);
/// The person approves what the challenge covers, and read this number on the page that asks. [PUSH-8]
[[nodiscard]] std::string approval_text(std::string_view challenge, std::string_view number);
/// The person did not ask for it.
[[nodiscard]] std::string denial_text(std::string_view challenge);

/// Whether the device with that key (65 bytes) signed the text.
[[nodiscard]] bool is_signed(std::string_view public_key, std::string_view text, std::string_view signature);

}  // namespace countersign::usecase
