#include "contact/phone_number.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/typed.h"
#include "contact/numbering_plan/plan.h"

namespace countersign::contact {

namespace {

namespace plan = numbering_plan;

constexpr std::size_t kE164DigitsMax = 15;
/// The longest possible number: fifteen digits after an international prefix with a carrier code.
constexpr std::size_t kTypedDigitsMax = 24;

/// The typed text without its punctuation.
struct Typed {
  bool has_plus = false;
  std::array<char, kTypedDigitsMax> digits{};
  std::size_t length = 0;

  [[nodiscard]] std::string_view text() const { return {digits.data(), length}; }
};

/// Removes the next sign from `rest`: a digit, `+`, or ' ' for what is dropped; nullopt for what no number contains.
std::optional<char> take_sign(std::string_view& rest) {
  const auto sign = take_typed(rest);
  if (!sign) return std::nullopt;
  if (is_digit(*sign) || *sign == '+') return sign;
  return *sign == '\0' || std::string_view(" -.()/").contains(*sign) ? std::optional(' ') : std::nullopt;
}

std::string_view without_scheme(std::string_view text) {
  constexpr std::string_view kScheme = "tel:";
  const bool has_scheme =
      text.size() > kScheme.size() && std::ranges::equal(text.substr(0, kScheme.size()), kScheme,
                                                         [](char a, char b) { return (a | 0x20) == b || a == b; });
  return has_scheme ? text.substr(kScheme.size()) : text;
}

/// German and Slovak numbers have one slash after the area code; a second one separates numbers.
bool has_two_slashes(std::string_view text) { return text.find('/') != text.rfind('/'); }

Result<Typed, PhoneError> read_typed(std::string_view text) {
  if (text.find_first_not_of(' ') == std::string_view::npos) return fail(PhoneError::kEmpty);
  if (has_two_slashes(text)) return fail(PhoneError::kMalformed);
  Typed typed;
  bool is_too_long = false;
  for (auto rest = without_scheme(text); !rest.empty();) {
    if (is_digit(rest.front()) && typed.length < kTypedDigitsMax) {  // Nearly all there is.
      typed.digits[typed.length++] = rest.front();
      rest.remove_prefix(1);
      continue;
    }
    const auto sign = take_sign(rest);
    if (!sign) return fail(PhoneError::kMalformed);
    if (*sign == ' ') continue;
    if (*sign == '+') {
      if (typed.has_plus || typed.length > 0) return fail(PhoneError::kMalformed);
      typed.has_plus = true;
    } else if (typed.length == kTypedDigitsMax) {
      is_too_long = true;  // Not returned at once: a letter further on is the better reason.
    } else {
      typed.digits[typed.length++] = *sign;
    }
  }
  if (typed.length == 0) return fail(PhoneError::kMalformed);
  if (is_too_long) return fail(PhoneError::kTooLong);
  return typed;
}

struct Found {
  const plan::CallingCode* code;
  plan::Line line;
  std::string national;
};

std::optional<Found> found_as(const plan::CallingCode& code, std::string_view national) {
  if (plan::length_of(code) + national.size() > kE164DigitsMax) return std::nullopt;
  const auto line = plan::look_up(code, national);
  if (!line) return std::nullopt;
  return Found{&code, *line, std::string(national)};
}

std::optional<Found> found_without_trunk(const plan::CallingCode& code, const plan::Region* region,
                                         std::string_view national) {
  if (region == nullptr) return std::nullopt;
  const auto stripped = plan::without_trunk_prefix(*region, national);
  return stripped ? found_as(code, *stripped) : std::nullopt;
}

PhoneError reason(const plan::CallingCode& code, std::string_view national) {
  if (national.size() < code.digits_min) return PhoneError::kTooShort;
  if (national.size() > code.digits_max) return PhoneError::kTooLong;
  return PhoneError::kNotAssigned;
}

/// Digits that begin with a calling code. Tries them unchanged first, so that E.164 is read as itself.
Result<Found, PhoneError> find_international(std::string_view digits) {
  const auto* code = plan::find_calling_code(digits);
  if (code == nullptr) return fail(PhoneError::kUnknownCountry);
  const auto national = digits.substr(plan::length_of(*code));
  if (auto found = found_as(*code, national)) return *std::move(found);
  if (auto found = found_without_trunk(*code, plan::main_region(*code), national)) return *std::move(found);
  return fail(digits.size() > kE164DigitsMax ? PhoneError::kTooLong : reason(*code, national));
}

/// Digits as dialled in `region`.
Result<Found, PhoneError> find_national(const plan::Region& region, std::string_view digits) {
  if (const auto abroad = plan::without_international_prefix(region, digits)) {
    if (plan::find_calling_code(*abroad) != nullptr) {
      if (auto found = find_international(*abroad)) return found;
    }
  }
  const auto& code = plan::calling_code_of(region);
  if (auto found = found_without_trunk(code, &region, digits)) return *std::move(found);
  if (auto found = found_as(code, digits)) return *std::move(found);
  if (plan::find_calling_code(digits) == &code) {  // The calling code without its plus.
    const auto national = digits.substr(plan::length_of(code));
    if (auto found = found_as(code, national)) return *std::move(found);
    if (auto found = found_without_trunk(code, &region, national)) return *std::move(found);
  }
  return fail(reason(code, plan::without_trunk_prefix(region, digits).value_or(std::string(digits))));
}

Result<Found, PhoneError> find(const Typed& typed, std::string_view default_region) {
  if (typed.has_plus) return find_international(typed.text());
  const auto* region = plan::find_region(default_region);
  if (region == nullptr) return fail(PhoneError::kUnknownCountry);
  return find_national(*region, typed.text());
}

}  // namespace

std::string_view to_text(LineKind kind) {
  constexpr std::array<std::string_view, 12> kNames{"mobile",    "fixed_line", "fixed_or_mobile", "voip",
                                                    "toll_free", "premium",    "shared_cost",     "personal",
                                                    "pager",     "uan",        "voicemail",       "satellite"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool can_receive_sms(LineKind kind) {
  return kind == LineKind::kMobile || kind == LineKind::kFixedOrMobile || kind == LineKind::kVoip;
}

bool is_costly(LineKind kind) {
  return kind == LineKind::kPremium || kind == LineKind::kSharedCost || kind == LineKind::kPersonal ||
         kind == LineKind::kSatellite;
}

std::string_view to_text(PhoneError error) {
  constexpr std::array<std::string_view, 6> kNames{"empty",    "malformed",       "too_short",
                                                   "too_long", "unknown_country", "not_assigned"};
  return kNames[static_cast<std::size_t>(error)];
}

Result<PhoneNumber, PhoneError> PhoneNumber::parse(std::string_view typed_text, std::string_view default_region) {
  const auto typed = read_typed(typed_text);
  if (!typed) return fail(typed.error());
  const auto found = find(*typed, default_region);
  if (!found) return fail(found.error());

  PhoneNumber number;
  const std::string text = '+' + std::to_string(found->code->code) + found->national;
  CS_CHECK(text.size() <= number.text_.size());
  std::ranges::copy(text, number.text_.begin());
  number.length_ = static_cast<std::uint8_t>(text.size());
  number.kind_ = found->line.kind;
  number.calling_code_ = found->code->code;
  std::ranges::copy(found->line.region, number.region_.begin());
  return number;
}

bool is_phone_region(std::string_view region) { return plan::find_region(region) != nullptr; }

std::size_t calling_code_digits(std::string_view e164) {
  if (!e164.starts_with('+') || !std::ranges::all_of(e164.substr(1), is_digit)) {
    return 0;
  }
  const auto* code = plan::find_calling_code(e164.substr(1));
  return code == nullptr ? 0 : plan::length_of(*code);
}

}  // namespace countersign::contact
