#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"

// One-time passwords: HOTP (RFC 4226) and TOTP (RFC 6238). Pure functions; the caller stores the state between two
// checks (the last accepted step, the counter) in the transaction in which it decides.
namespace countersign::crypto {

enum class OtpAlgorithm { kSha1, kSha256, kSha512 };

/// A new secret of the hash's length: 20, 32 or 64 random bytes. [TOTP-1]
[[nodiscard]] SecretString new_otp_secret(OtpAlgorithm algorithm, Random& random);

/// Normalises a typed code of `digits` digits: removes blanks around it and single spaces or hyphens between digits.
/// nullopt when anything but ASCII digits remains or their number is wrong. [OTP-8]
[[nodiscard]] std::optional<std::string> typed_code(std::string_view typed, std::size_t digits);

/// The code for one counter value, leading zeros kept. `digits` is 6 to 8. [HOTP-1]
[[nodiscard]] std::string hotp(std::string_view secret, std::uint64_t counter, OtpAlgorithm algorithm, int digits);

struct HotpParameters {
  OtpAlgorithm algorithm = OtpAlgorithm::kSha1;
  int digits = 6;
};

/// Looks for `code` at `counter` and at most `look_ahead` (0 to 10) values after it. Returns the counter to store: the
/// matched value plus one, so it never moves back; nullopt for a wrong code. Takes the same time either way. [HOTP-2]
[[nodiscard]] std::optional<std::uint64_t> hotp_match(std::string_view secret, std::string_view code,
                                                      std::uint64_t counter, const HotpParameters& parameters,
                                                      std::uint64_t look_ahead);

/// For a token that is far ahead: `first` and `second` must be the codes of two consecutive counter values, the first
/// of them in [counter, counter + window]. `window` is at most 1000. Returns the counter to store. The caller limits
/// this like a check. [HOTP-3]
[[nodiscard]] std::optional<std::uint64_t> hotp_resynchronise(std::string_view secret, std::string_view first,
                                                              std::string_view second, std::uint64_t counter,
                                                              const HotpParameters& parameters, std::uint64_t window);

struct TotpParameters {
  OtpAlgorithm algorithm = OtpAlgorithm::kSha1;
  int digits = 6;                    ///< 6 to 8
  std::int64_t period_seconds = 30;  ///< 1 to 120; above 30 is outside ASVS 6.5.5. [TOTP-1]

  [[nodiscard]] bool valid() const;
};

/// The time step at `now` by the server's clock, T0 = 0. 64 bits: no year 2038 or 2106 problem. [TOTP-2]
[[nodiscard]] std::int64_t totp_step(WallTime now, const TotpParameters& parameters);

/// The code of one step (not negative).
[[nodiscard]] std::string totp(std::string_view secret, std::int64_t step, const TotpParameters& parameters);

/// The steps to search: [now + drift - before, now + drift + after]. [TOTP-3]
struct TotpWindow {
  std::int64_t before = 1;  ///< 0 to 100
  std::int64_t after = 1;   ///< 0 to 100
  std::int64_t drift = 0;   ///< of this device, in steps, as remembered by the caller
};

struct TotpCheck {
  std::optional<std::int64_t> step;  ///< the lowest step that matches and is later than the last accepted one
  bool replayed = false;             ///< the code was right, but its step is spent; the person sees "wrong". [TOTP-7]
};

/// Checks `code` (digits only, see typed_code). Rejects steps up to `last_accepted_step`; the caller stores the
/// returned step as the new one, in the same transaction. [TOTP-4] Computes and compares every candidate in constant
/// time, whatever the code looks like. [OTP-6]
[[nodiscard]] TotpCheck totp_check(std::string_view secret, std::string_view code, WallTime now,
                                   const TotpParameters& parameters, const TotpWindow& window,
                                   std::optional<std::int64_t> last_accepted_step);

}  // namespace countersign::crypto
