#include "usecase/verify_api/address.h"

#include "base/typed.h"
#include "contact/email_address.h"
#include "contact/phone_number.h"

namespace countersign::usecase::verify_api {

std::optional<CheckedAddress> read_address(std::string_view to) {
  if (to.find('@') != std::string_view::npos) {
    const auto email = contact::EmailAddress::parse(to);
    if (!email) return std::nullopt;
    return CheckedAddress{email->text(), email->index_text()};
  }
  if (!plain_typed(to).starts_with('+')) return std::nullopt;
  const auto phone = contact::PhoneNumber::parse(to);
  if (!phone) return std::nullopt;
  return CheckedAddress{std::string(phone->text()), std::string(phone->text())};
}

Verdict<CheckedAddress> address_for(contact::Channel channel, std::string_view to, const Service& service) {
  auto address = read_address(to);
  const bool phone = address && address->address.front() == '+';
  if (!address || phone != contact::uses_phone(channel)) return refuse(ErrorCode::kInvalidParameter, "To");
  if (!phone) return *std::move(address);
  const auto kind = contact::PhoneNumber::parse(address->address)->kind();
  if (contact::is_costly(kind)) return refuse(ErrorCode::kBlocked, "numbers that cost extra are not served");
  const bool landline = !contact::can_receive_sms(kind);
  const bool skip = service.flag("lookup_enabled") && service.flag("skip_sms_to_landlines");
  if (channel == contact::Channel::kSms && landline && (skip || kind != contact::LineKind::kFixedLine))
    return refuse(ErrorCode::kLandline);
  return *std::move(address);
}

std::string_view line_type(std::string_view to) {
  const auto phone = contact::PhoneNumber::parse(to);
  if (!phone) return "";
  switch (phone->kind()) {
    case contact::LineKind::kMobile:
      return "mobile";
    case contact::LineKind::kFixedLine:
      return "landline";
    case contact::LineKind::kVoip:
      return "voip";
    default:
      return "";
  }
}

}  // namespace countersign::usecase::verify_api
