#include "crypto/otp.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/ascii.h"
#include "base/check.h"
#include "crypto/hmac.h"

namespace countersign::crypto {

namespace {

constexpr std::int64_t kDriftMax = 1'000'000;  // Far beyond any window; keeps the sums below from overflowing.
constexpr std::uint64_t kResyncWindowMax = 1000;
constexpr std::uint64_t kLookAheadMax = 10;  // HOTP-2
constexpr std::int64_t kWindowMax = 100;

Hash hash_of(OtpAlgorithm algorithm) {
  switch (algorithm) {
    case OtpAlgorithm::kSha1:
      return Hash::kSha1;
    case OtpAlgorithm::kSha256:
      return Hash::kSha256;
    case OtpAlgorithm::kSha512:
      return Hash::kSha512;
  }
  CS_CHECK(false);
}

/// RFC 4226, section 5.3: the low four bits of the last byte say where to take 31 bits from.
std::uint32_t truncated(const unsigned char* mac, std::size_t size) {
  const unsigned char* at = mac + (mac[size - 1] & 0x0F);
  return (std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3]) & 0x7FFF'FFFF;
}

/// 10^digits: the modulus for the 31 bits.
std::uint32_t modulus_of(int digits) {
  CS_CHECK(digits >= 6 && digits <= 8);
  return digits == 6 ? 1'000'000 : digits == 7 ? 10'000'000 : 100'000'000;
}

/// A code as a number, for one comparison in constant time. Malformed text becomes a number that no code has, so that
/// it is tried like any other. [OTP-6]
std::uint32_t code_number(std::string_view code, int digits) {
  constexpr std::uint32_t kNoCode = 0xFFFF'FFFF;
  if (code.size() != static_cast<std::size_t>(digits) || !std::ranges::all_of(code, is_digit)) return kNoCode;
  std::uint32_t number = 0;
  for (const char c : code) number = number * 10 + static_cast<std::uint32_t>(c - '0');
  return number;
}

/// The codes of one secret, with one key schedule for all of them.
class Codes {
 public:
  Codes(std::string_view secret, OtpAlgorithm algorithm, int digits)
      : series_(hash_of(algorithm), secret), modulus_(modulus_of(digits)) {}

  [[nodiscard]] std::uint32_t at(std::uint64_t counter) {
    std::array<char, 8> message;
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<char>(counter >> (56 - 8 * i) & 0xFF);
    std::array<unsigned char, HmacSeries::kMacMax> mac;
    const std::size_t size = series_.next({message.data(), message.size()}, mac.data());
    return truncated(mac.data(), size) % modulus_;
  }

 private:
  HmacSeries series_;
  std::uint32_t modulus_;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

SecretString new_otp_secret(OtpAlgorithm algorithm, Random& random) {
  // RFC 6238, section 5.1: keys should be as long as the HMAC's output.
  switch (algorithm) {
    case OtpAlgorithm::kSha1:
      return SecretString(random.bytes(20));
    case OtpAlgorithm::kSha256:
      return SecretString(random.bytes(32));
    case OtpAlgorithm::kSha512:
      return SecretString(random.bytes(64));
  }
  CS_CHECK(false);
}

std::optional<std::string> typed_code(std::string_view typed, std::size_t digits) {
  while (!typed.empty() && is_blank(typed.front())) typed.remove_prefix(1);
  while (!typed.empty() && is_blank(typed.back())) typed.remove_suffix(1);
  std::string out;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    if (is_digit(typed[i])) {
      if (out.size() == digits) return std::nullopt;
      out.push_back(typed[i]);
      continue;
    }
    const bool separator = typed[i] == ' ' || typed[i] == '-';
    const bool inside = i > 0 && is_digit(typed[i - 1]) && i + 1 < typed.size() && is_digit(typed[i + 1]);
    if (!separator || !inside) return std::nullopt;
  }
  if (out.size() != digits) return std::nullopt;
  return out;
}

std::string hotp(std::string_view secret, std::uint64_t counter, OtpAlgorithm algorithm, int digits) {
  std::uint32_t number = Codes(secret, algorithm, digits).at(counter);
  std::string code(static_cast<std::size_t>(digits), '0');
  for (auto at = code.rbegin(); at != code.rend(); ++at, number /= 10) *at = static_cast<char>('0' + number % 10);
  return code;
}

std::optional<std::uint64_t> hotp_match(std::string_view secret, std::string_view code, std::uint64_t counter,
                                        const HotpParameters& parameters, std::uint64_t look_ahead) {
  CS_CHECK(look_ahead <= kLookAheadMax);
  if (counter >= std::numeric_limits<std::uint64_t>::max() - look_ahead) return std::nullopt;  // it would wrap
  Codes codes(secret, parameters.algorithm, parameters.digits);
  const std::uint32_t number = code_number(code, parameters.digits);
  std::optional<std::uint64_t> next;
  for (std::uint64_t i = 0; i <= look_ahead; ++i) {
    const bool equal = codes.at(counter + i) == number;
    if (equal && !next) next = counter + i + 1;
  }
  return next;
}

std::optional<std::uint64_t> hotp_resynchronise(std::string_view secret, std::string_view first,
                                                std::string_view second, std::uint64_t counter,
                                                const HotpParameters& parameters, std::uint64_t window) {
  CS_CHECK(window <= kResyncWindowMax);
  if (counter >= std::numeric_limits<std::uint64_t>::max() - window - 1) return std::nullopt;
  Codes codes(secret, parameters.algorithm, parameters.digits);
  const std::uint32_t first_number = code_number(first, parameters.digits);
  const std::uint32_t second_number = code_number(second, parameters.digits);
  std::optional<std::uint64_t> next;
  bool first_matched = codes.at(counter) == first_number;
  for (std::uint64_t i = 1; i <= window + 1; ++i) {
    const std::uint32_t candidate = codes.at(counter + i);
    if (first_matched && candidate == second_number && !next) next = counter + i + 1;
    first_matched = candidate == first_number;
  }
  return next;
}

bool TotpParameters::valid() const {
  return digits >= 6 && digits <= 8 && period_seconds >= 1 && period_seconds <= 120;
}

std::int64_t totp_step(WallTime now, const TotpParameters& parameters) {
  CS_CHECK(parameters.valid());
  const std::int64_t seconds = to_unix_seconds(now);
  const std::int64_t before_epoch = seconds < 0 && seconds % parameters.period_seconds != 0 ? 1 : 0;
  return seconds / parameters.period_seconds - before_epoch;
}

std::string totp(std::string_view secret, std::int64_t step, const TotpParameters& parameters) {
  CS_CHECK(step >= 0);
  return hotp(secret, static_cast<std::uint64_t>(step), parameters.algorithm, parameters.digits);
}

TotpCheck totp_check(std::string_view secret, std::string_view code, WallTime now, const TotpParameters& parameters,
                     const TotpWindow& window, std::optional<std::int64_t> last_accepted_step) {
  CS_CHECK(window.before >= 0 && window.before <= kWindowMax && window.after >= 0 && window.after <= kWindowMax);
  CS_CHECK(window.drift >= -kDriftMax && window.drift <= kDriftMax);
  const std::int64_t middle = totp_step(now, parameters) + window.drift;
  Codes codes(secret, parameters.algorithm, parameters.digits);
  const std::uint32_t number = code_number(code, parameters.digits);
  TotpCheck result;
  for (std::int64_t step = std::max<std::int64_t>(middle - window.before, 0); step <= middle + window.after; ++step) {
    const bool equal = codes.at(static_cast<std::uint64_t>(step)) == number;
    const bool fresh = !last_accepted_step || step > *last_accepted_step;
    if (equal && fresh && !result.step) result.step = step;
    if (equal && !fresh) result.replayed = true;
  }
  if (result.step) result.replayed = false;
  return result;
}

}  // namespace countersign::crypto
