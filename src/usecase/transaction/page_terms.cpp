#include "usecase/transaction/page_terms.h"

#include <algorithm>

#include "base/ascii.h"
#include "domain/return_url.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kReturnUrlMax = 2048;

/// Has the form of a BCP 47 tag; one without a catalogue falls back to English.
bool is_locale(std::string_view text) {
  return text.size() >= 2 && text.size() <= 35 &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

}  // namespace

std::optional<Problem> page_terms_fault(std::string_view return_url, std::string_view locale) {
  if (!return_url.empty() && (return_url.size() > kReturnUrlMax || !domain::is_web_url(return_url)))
    return Problem{Code::kInvalidField, "must be an http or https URL", "return_url"};
  if (!locale.empty() && !is_locale(locale))
    return Problem{Code::kInvalidField, "must be a language tag, such as pt-BR", "locale"};
  return std::nullopt;
}

}  // namespace countersign::usecase
