#include "api/twilio/verification_json.h"

#include <fmt/format.h>

#include "api/twilio/render.h"
#include "usecase/verify_api/address.h"

namespace countersign::api::twilio {

namespace {

using usecase::verify_api::CodeView;

void write_head(JsonWriter& json, const CodeView& view) {
  json.member("sid", view.id).member("service_sid", view.service);
  json.member("account_sid", view.account).member("to", view.to);
  json.member("channel", contact::to_text(view.channel)).member("status", domain::to_text(view.status));
  json.member("valid", view.status == domain::VerificationStatus::kApproved);
  json.member("amount", unless_empty(view.amount)).member("payee", unless_empty(view.payee));
  json.member("date_created", date_text(view.created_at)).member("date_updated", date_text(view.updated_at));
}

/// As irregular as Twilio's.
std::string_view attempt_channel(contact::Channel channel) {
  switch (channel) {
    case contact::Channel::kSms:
      return "SMS";
    case contact::Channel::kCall:
      return "CALL";
    case contact::Channel::kEmail:
      return "EMAIL";
    default:
      return contact::to_text(channel);
  }
}

/// What the numbering plan knows; it does not know the carrier.
void write_lookup(JsonWriter& json, const CodeView& view) {
  json.key("lookup").open_object();
  if (view.looked_up && view.channel != contact::Channel::kEmail) {
    json.key("carrier").open_object().member("mobile_country_code", nullptr).member("mobile_network_code", nullptr);
    json.member("name", nullptr).member("type", unless_empty(usecase::verify_api::line_type(view.to)));
    json.member("error_code", nullptr).close_object();
  }
  json.close_object();
}

}  // namespace

std::string verification_json(const CodeView& view, const std::string& public_url) {
  JsonWriter json;
  json.open_object();
  write_head(json, view);
  write_lookup(json, view);
  json.key("send_code_attempts").open_array();
  for (const auto& sending : domain::messages_in(view.sendings)) {
    json.open_object().member("time", date_text(sending.sent_at));
    json.member("channel", attempt_channel(sending.channel)).member("attempt_sid", sending.message);
    json.close_object();
  }
  json.close_array().member("sna", nullptr);
  json.member("url",
              fmt::format("{}/v2/Services/{}/Verifications/{}", public_url, view.service.text(), view.id.text()));
  return json.close_object().take();
}

std::string check_json(const CodeView& view) {
  JsonWriter json;
  json.open_object();
  write_head(json, view);
  return json.key("sna_attempts_error_codes").open_array().close_array().close_object().take();
}

}  // namespace countersign::api::twilio
