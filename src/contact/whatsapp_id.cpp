#include "contact/whatsapp_id.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"

namespace countersign::contact {

namespace {

std::optional<PhoneNumber> valid(const std::string& digits) {
  auto number = PhoneNumber::parse('+' + digits);
  return number ? std::optional(*number) : std::nullopt;
}

/// The form of today; empty where the plan has not changed.
std::string of_today(std::string_view digits) {
  constexpr std::size_t kAreaEnd = std::string_view("5511").size();
  constexpr std::size_t kWithoutNinth = std::string_view("551187654321").size();
  constexpr std::size_t kMexicanMobile = std::string_view("5215512345678").size();
  std::string number(digits);
  if (number.starts_with("55") && number.size() == kWithoutNinth) return number.insert(kAreaEnd, 1, '9');
  if (number.starts_with("521") && number.size() == kMexicanMobile) return number.erase(2, 1);
  return "";
}

}  // namespace

std::optional<PhoneNumber> phone_of_whatsapp_id(std::string_view id) {
  constexpr std::size_t kDigitsMax = 15;
  if (id.empty() || id.size() > kDigitsMax || !std::ranges::all_of(id, is_digit)) return std::nullopt;
  if (auto number = valid(std::string(id))) return number;
  const auto today = of_today(id);
  return today.empty() ? std::nullopt : valid(today);
}

}  // namespace countersign::contact
