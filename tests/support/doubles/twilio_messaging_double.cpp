#include "support/doubles/twilio_messaging_double.h"

#include <algorithm>

#include "support/doubles/twilio_wire.h"

namespace countersign::testing {
namespace {

const std::vector<std::string_view> kFields = {
    "To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ValidityPeriod", "ContentSid", "ContentVariables"};
/// The 2010 API writes RFC 2822, unlike Verify.
constexpr std::string_view kDate = "Sun, 22 Nov 2026 12:00:00 +0000";

bool is_validity(const std::string& text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string::npos) return false;
  return std::stoi(text) >= 1 && std::stoi(text) <= 36'000;
}

/// A JSON object of texts, none of them empty.
bool are_variables(const std::string& text) {
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object() || parsed->get_object().empty()) return false;
  return std::ranges::all_of(parsed->get_object(),
                             [](const auto& v) { return v.value().is_string() && !v.value().as_string().empty(); });
}

}  // namespace

TwilioMessagingDouble::TwilioMessagingDouble()
    : server_([this](const ServerRequest& request) { return handle(request); }) {}

void TwilioMessagingDouble::answer_next(ServerReply reply) {
  const std::lock_guard lock(mutex_);
  script_.next.push_back(std::move(reply));
}

std::vector<Form> TwilioMessagingDouble::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::vector<std::string> TwilioMessagingDouble::violations() const {
  const std::lock_guard lock(mutex_);
  return script_.violations;
}

ServerReply TwilioMessagingDouble::handle(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  if (request.path != "/2010-04-01/Accounts/" + credentials_.account_sid + "/Messages.json") {
    script_.violations.push_back("path " + request.path);
    return twilio_error(404, 20404, "The requested resource " + request.path + " was not found");
  }
  if (auto reply = script_.answer(request, credentials_, kFields)) return *std::move(reply);
  return create(*parse_form(request.body));
}

ServerReply TwilioMessagingDouble::create(const Form& form) {
  const auto to = form_value(form, "To");
  const auto from = form_value(form, "From");
  const auto service = form_value(form, "MessagingServiceSid");
  const auto body = form_value(form, "Body");
  const auto validity = form_value(form, "ValidityPeriod");
  if (!to) return twilio_error(400, 21604, "A 'To' phone number is required.");
  if (!from && !service) return twilio_error(400, 21603, "A 'From' phone number is required.");
  const auto content = form_value(form, "ContentSid");
  const auto variables = form_value(form, "ContentVariables");
  if (!content && variables) return twilio_error(400, 21654, "ContentSid Required");
  if (content && (content->size() != 34 || !content->starts_with("HX"))) script_.violations.push_back("ContentSid");
  if (content && !are_variables(variables.value_or("")))
    return twilio_error(400, 21656, "The Content Variables parameter is invalid.");
  if (!content && (!body || body->empty())) return twilio_error(400, 21602, "Message body is required.");
  if (!to->starts_with('+') && !to->starts_with("whatsapp:+")) {
    return twilio_error(400, 21211, "Invalid 'To' Phone Number");
  }
  if (from && from->starts_with("whatsapp:") != to->starts_with("whatsapp:")) {
    return twilio_error(400, 63007, "Twilio could not find a Channel with the specified From address");
  }
  if (validity && !is_validity(*validity)) script_.violations.push_back("ValidityPeriod " + *validity);
  messages_.push_back(form);
  const std::string sid = make_sid("SM", static_cast<unsigned>(messages_.size()));
  const std::string uri = "/2010-04-01/Accounts/" + credentials_.account_sid + "/Messages/" + sid;
  return json_reply(201, {{"account_sid", credentials_.account_sid},
                          {"api_version", "2010-04-01"},
                          {"body", body.value_or("")},
                          {"date_created", kDate},
                          {"date_sent", nullptr},
                          {"date_updated", kDate},
                          {"direction", "outbound-api"},
                          {"error_code", nullptr},
                          {"error_message", nullptr},
                          {"from", text_or_null(from)},
                          {"messaging_service_sid", text_or_null(service)},
                          {"num_media", "0"},
                          {"num_segments", "1"},
                          {"price", nullptr},
                          {"price_unit", nullptr},
                          {"sid", sid},
                          {"status", service ? "accepted" : "queued"},
                          {"subresource_uris", {{"media", uri + "/Media.json"}}},
                          {"to", *to},
                          {"uri", uri + ".json"}});
}

}  // namespace countersign::testing
