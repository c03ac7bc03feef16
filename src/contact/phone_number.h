#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace countersign::contact {

/// What a country's numbering plan says a number is for.
enum class LineKind : std::uint8_t {
  kMobile,
  kFixedLine,
  kFixedOrMobile,  ///< The plan does not tell them apart (North America).
  kVoip,
  kTollFree,
  kPremium,
  kSharedCost,
  kPersonal,  ///< Follows a person from line to line; the caller often pays for it.
  kPager,
  kUan,  ///< A company's one number.
  kVoicemail,
  kSatellite,  ///< Satellite and other networks above countries: +870, +881, +882, +883.
};

/// `mobile`, `fixed_line`, …: the names in the API.
[[nodiscard]] std::string_view to_text(LineKind kind);
/// A text message can be expected to arrive: mobile, fixed or mobile, voip.
[[nodiscard]] bool can_receive_sms(LineKind kind);
/// Reaching it costs somebody extra, so it is refused before sending: premium, shared cost, personal, satellite.
/// [THR-11]
[[nodiscard]] bool is_costly(LineKind kind);

/// Why a typed text is not a number that can be called.
enum class PhoneError : std::uint8_t {
  kEmpty,           ///< Nothing but space.
  kMalformed,       ///< Something no number contains: letters, an extension, a second number, control characters.
  kTooShort,        ///< Fewer digits than any number of that country.
  kTooLong,         ///< More digits than any number of that country, or more than E.164's 15.
  kUnknownCountry,  ///< No such calling code, or a national form where no (known) default region was given.
  kNotAssigned,     ///< The length is possible, but the country's plan has no such number.
};

/// `empty`, `malformed`, `too_short`, `too_long`, `unknown_country`, `not_assigned`.
[[nodiscard]] std::string_view to_text(PhoneError error);

/// A telephone number that its country's numbering plan contains. Exists only in this one form: E.164, ASCII.
/// [PHN-1] Small and without allocations; safe to copy.
class PhoneNumber {
 public:
  /// Reads what a person typed. [PHN-2]
  ///
  /// Tolerated: spaces, brackets, dots, hyphens and one slash between digits, digits of any script and marks that are
  /// not seen (base/typed.h), a leading `tel:`, a trunk prefix in the international form (`+44 (0)20 …`). With
  /// `default_region` (an ISO 3166 code, upper case) also that country's national form, with or without trunk prefix or
  /// carrier code, its international dialling prefix, and its calling code without the plus. What is already E.164 is
  /// taken as it is. Refused: everything else; in particular extensions and every sign of a second number.
  [[nodiscard]] static Result<PhoneNumber, PhoneError> parse(std::string_view typed,
                                                             std::string_view default_region = "");

  /// `+5511987654321`. Lives as long as the number.
  [[nodiscard]] std::string_view text() const { return {text_.data(), length_}; }
  /// ISO 3166 code of the country, empty for numbers above countries (+800, +870, …).
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

/// The numbering plan table knows the country of that ISO 3166 code. For checking configuration.
[[nodiscard]] bool is_phone_region(std::string_view region);

/// How many digits of an E.164 text (`+5511…`) are its calling code; 0 when it has none that is known.
[[nodiscard]] std::size_t calling_code_digits(std::string_view e164);

}  // namespace countersign::contact
