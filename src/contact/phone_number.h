#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace countersign::contact {

/// The use of a number according to the country's numbering plan.
enum class LineKind : std::uint8_t {
  kMobile,
  kFixedLine,
  kFixedOrMobile,  ///< The plan does not distinguish them (North America).
  kVoip,
  kTollFree,
  kPremium,
  kSharedCost,
  kPersonal,  ///< Forwarded to a person's current line; the caller often pays for it.
  kPager,
  kUan,  ///< A company's universal number.
  kVoicemail,
  kSatellite,  ///< Satellite and other global networks: +870, +881, +882, +883.
};

/// `mobile`, `fixed_line`, …: the names in the API.
[[nodiscard]] std::string_view to_text(LineKind kind);
/// Whether a text message is likely to arrive: mobile, fixed or mobile, voip.
[[nodiscard]] bool can_receive_sms(LineKind kind);
/// Calls or messages to it cost extra, so it is refused before sending: premium, shared cost, personal, satellite.
/// [THR-11]
[[nodiscard]] bool is_costly(LineKind kind);

/// Why a typed text is not a valid number.
enum class PhoneError : std::uint8_t {
  kEmpty,      ///< Only spaces.
  kMalformed,  ///< Contains something that no number has: letters, an extension, a second number, control characters.
  kTooShort,   ///< Fewer digits than any number of that country.
  kTooLong,    ///< More digits than any number of that country, or more than E.164's 15.
  kUnknownCountry,  ///< No such calling code, or a national form without a (known) default region.
  kNotAssigned,     ///< The length is possible, but the country's plan does not contain the number.
};

/// `empty`, `malformed`, `too_short`, `too_long`, `unknown_country`, `not_assigned`.
[[nodiscard]] std::string_view to_text(PhoneError error);

/// A telephone number from its country's numbering plan, always in E.164, ASCII. [PHN-1] Small, no allocations, cheap
/// to copy.
class PhoneNumber {
 public:
  /// Reads what a person typed. [PHN-2]
  ///
  /// Tolerated: spaces, brackets, dots, hyphens and one slash between digits, digits of any script and invisible marks
  /// (base/typed.h), a leading `tel:`, a trunk prefix in the international form (`+44 (0)20 …`). With `default_region`
  /// (an ISO 3166 code, upper case) also that country's national form, with or without trunk prefix or carrier code,
  /// its international dialling prefix, and its calling code without the plus. E.164 is accepted unchanged. Everything
  /// else is refused, in particular extensions and any sign of a second number.
  [[nodiscard]] static Result<PhoneNumber, PhoneError> parse(std::string_view typed,
                                                             std::string_view default_region = "");

  /// `+5511987654321`. Valid as long as the object.
  [[nodiscard]] std::string_view text() const { return {text_.data(), length_}; }
  /// ISO 3166 code of the country, empty for numbers without a country (+800, +870, …).
  [[nodiscard]] std::string_view region() const { return {region_.data(), region_[0] == '\0' ? 0U : 2U}; }
  /// 1 for +1, 55 for +55.
  [[nodiscard]] unsigned calling_code() const { return calling_code_; }
  [[nodiscard]] LineKind kind() const { return kind_; }

  friend bool operator==(const PhoneNumber& a, const PhoneNumber& b) { return a.text() == b.text(); }

 private:
  PhoneNumber() = default;

  std::array<char, 16> text_{};
  std::uint8_t length_ = 0;
  LineKind kind_{};
  std::uint16_t calling_code_ = 0;
  std::array<char, 2> region_{};
};

/// Whether the numbering plan table has the country with that ISO 3166 code. For checking the configuration.
[[nodiscard]] bool is_phone_region(std::string_view region);

/// The number of digits of the calling code in an E.164 text (`+5511…`); 0 if it is unknown.
[[nodiscard]] std::size_t calling_code_digits(std::string_view e164);

}  // namespace countersign::contact
