#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/otp.h"

// The text in the QR code of an authenticator app: otpauth://totp/Issuer:account?secret=…&issuer=Issuer&… [URI-1]
namespace countersign::crypto {

/// The URI for a TOTP secret. Issuer and account are UTF-8; every parameter is written, defaults too, because apps have
/// different defaults. The result contains the secret: show it once, never log it. An empty issuer is omitted. Most
/// apps cut the label at its first colon, so the caller keeps colons out of issuers.
[[nodiscard]] std::string otpauth_uri(std::string_view issuer, std::string_view account, const SecretString& secret,
                                      const TotpParameters& parameters);

struct OtpauthUri {
  enum class Type { kTotp, kHotp };
  Type type = Type::kTotp;
  std::string issuer;  ///< empty when the URI has none
  std::string account;
  SecretString secret;
  TotpParameters parameters;  ///< kHotp ignores the period
  std::uint64_t counter = 0;  ///< for kHotp
};

enum class OtpauthError {
  kNotOtpauth,  ///< another scheme or type, or not a URI at all
  kLabel,       ///< no account, control characters, bad UTF-8 or escapes, or an issuer that differs from the parameter
  kSecret,      ///< missing, not Base32, or not 10 to 128 bytes
  kParameter,   ///< duplicate, malformed or out of range; a missing counter
};

/// Reads a URI written by other systems, for importing keys. Ignores unknown parameters. Strict where a guess would
/// give wrong codes. At most 4096 bytes.
[[nodiscard]] Result<OtpauthUri, OtpauthError> parse_otpauth_uri(std::string_view text);

}  // namespace countersign::crypto
