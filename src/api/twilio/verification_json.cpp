#include "api/twilio/verification_json.h"

#include <fmt/format.h>

#include "api/twilio/render.h"
#include "usecase/verify/address.h"

namespace countersign::api::twilio {

namespace {

using usecase::verify::CodeView;

void write_head(JsonWriter& json, const CodeView& view) {
  json.key("sid").text(view.id.text()).key("service_sid").text(view.service.text());
  json.key("account_sid").text(view.account.text()).key("to").text(view.to);
  json.key("channel").text(contact::to_text(view.channel)).key("status").text(domain::to_text(view.status));
  json.key("valid").boolean(view.status == domain::VerificationStatus::kApproved);
  text_or_null(json.key("amount"), view.amount);
  text_or_null(json.key("payee"), view.payee);
  json.key("date_created").text(date_text(view.created_at)).key("date_updated").text(date_text(view.updated_at));
}

/// As irregular as the original.
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

/// What the numbering plan knows; a carrier it does not.
void write_lookup(JsonWriter& json, const CodeView& view) {
  json.key("lookup").open_object();
  if (view.looked_up && view.channel != contact::Channel::kEmail) {
    json.key("carrier").open_object().key("mobile_country_code").null().key("mobile_network_code").null();
    json.key("name").null().key("type");
    text_or_null(json, usecase::verify::line_type(view.to)).key("error_code").null().close_object();
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
  for (const auto& sending : view.sendings) {
    json.open_object().key("time").text(date_text(sending.sent_at));
    json.key("channel").text(attempt_channel(sending.channel)).key("attempt_sid").text(sending.message.text());
    json.close_object();
  }
  json.close_array().key("sna").null();
  json.key("url").text(
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
