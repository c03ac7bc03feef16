#include "delivery/providers/twilio_messaging.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/encoding.h"
#include "delivery/provider_error.h"
#include "delivery/providers/twilio_errors.h"

namespace countersign::delivery {
namespace {

/// ValidityPeriod is 1 to 36000 seconds; Twilio advises against less than 5, because its own queue can take that long.
constexpr std::int64_t kValidityMin = 5;
constexpr std::int64_t kValidityMax = 36'000;

void add_sender(FormPairs& form, const TwilioMessagingOptions& options, Channel channel) {
  if (channel == Channel::kWhatsapp && !options.whatsapp_from.empty()) {
    form.emplace_back("From", "whatsapp:" + options.whatsapp_from);
  } else if (!options.messaging_service_sid.empty()) {
    form.emplace_back("MessagingServiceSid", options.messaging_service_sid);
  } else {
    form.emplace_back("From", options.from);
  }
}

using contact::DeliveryReason;
using contact::DeliveryStage;

std::optional<DeliveryStage> stage_of(std::string_view status) {
  constexpr std::array<std::pair<std::string_view, DeliveryStage>, 11> kStages{{
      {"accepted", DeliveryStage::kAccepted},
      {"scheduled", DeliveryStage::kAccepted},
      {"queued", DeliveryStage::kAccepted},
      {"sending", DeliveryStage::kAccepted},
      {"sent", DeliveryStage::kSent},
      {"delivered", DeliveryStage::kDelivered},
      {"partially_delivered", DeliveryStage::kDelivered},
      {"read", DeliveryStage::kRead},
      {"failed", DeliveryStage::kFailed},
      {"undelivered", DeliveryStage::kFailed},
      {"canceled", DeliveryStage::kFailed},
  }};
  const auto* const found = std::ranges::find(kStages, status, &decltype(kStages)::value_type::first);
  return found == kStages.end() ? std::nullopt : std::optional(found->second);
}

/// Twilio's reason in our words. 30008: the carrier gave none. 30036: not delivered within ValidityPeriod.
DeliveryReason reason_of_code(int code) {
  constexpr int kUnknownError = 30008;
  constexpr int kValidityExpired = 30036;
  if (code <= 0 || code == kUnknownError) return DeliveryReason::kUnknown;
  return code == kValidityExpired ? DeliveryReason::kExpired : reason_of(twilio_error_of_code(code).fault);
}

}  // namespace

TwilioMessaging::TwilioMessaging(HttpClient& http, const Clock& clock, TwilioMessagingOptions options)
    : http_(http), clock_(clock), options_(std::move(options)) {
  CS_CHECK(options_.from.empty() || options_.messaging_service_sid.empty());
}

bool TwilioMessaging::supports(Channel channel) const {
  const bool service = !options_.messaging_service_sid.empty();
  if (channel == Channel::kSms) return service || !options_.from.empty();
  return channel == Channel::kWhatsapp && (service || !options_.whatsapp_from.empty());
}

bool TwilioMessaging::shows_display(Channel channel) const {
  return channel != Channel::kWhatsapp || options_.whatsapp_content.empty();
}

void TwilioMessaging::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  CS_CHECK(supports(message.channel));
  const bool by_template = !shows_display(message.channel);
  if (by_template && message.code.expose().empty()) return done(fail(only_codes()));
  const std::string_view prefix = message.channel == Channel::kWhatsapp ? "whatsapp:" : "";
  FormPairs form = {{"To", std::string(prefix) + message.to}};
  add_sender(form, options_, message.channel);
  if (by_template) {
    form.emplace_back("ContentSid", best_for(options_.whatsapp_content, message.locale));
    form.emplace_back("ContentVariables", canonical_json(json::object{{"1", message.code.expose()}}));
  } else {
    form.emplace_back("Body", message.body);
  }
  if (!message.status_callback_url.empty()) form.emplace_back("StatusCallback", message.status_callback_url);
  const auto life = std::chrono::floor<std::chrono::seconds>(message.expires_at - clock_.now()).count();
  form.emplace_back("ValidityPeriod", std::to_string(std::clamp<std::int64_t>(life, kValidityMin, kValidityMax)));
  const auto path = "/2010-04-01/Accounts/" + percent_encode(options_.account.account_sid) + "/Messages.json";
  auto call = twilio_post(options_.account, kBaseUrl, path, form);
  for (auto& [name, value] : form) wipe(value.data(), value.size());
  http_.send(std::move(call), [&clock = clock_, done = std::move(done)](const HttpResult& result) mutable {
    done(read_message_created(result, clock.now()));
  });
}

Result<Accepted, ProviderError> read_message_created(const HttpResult& result, WallTime now) {
  const auto body = twilio_object(result, now);
  if (!body) return fail(creation_error(body.error()));
  const auto sid = json_text(*body, "sid");
  const auto status = json_text(*body, "status");
  const auto stage = status ? stage_of(*status) : std::nullopt;
  if (!sid || !stage || !(sid->starts_with("SM") || sid->starts_with("MM"))) return fail(unreadable_answer(*result));
  if (*stage == DeliveryStage::kFailed) {
    return fail(twilio_error_of_code(static_cast<int>(json_integer(*body, "error_code").value_or(0))));
  }
  return Accepted{std::string(*sid)};
}

std::optional<TwilioReport> parse_status_callback(const FormPairs& form) {
  const auto sid = parameter_of(form, "MessageSid");
  const auto status = parameter_of(form, "MessageStatus");
  const auto stage = status ? stage_of(*status) : std::nullopt;
  if (!sid || sid->empty() || !stage) return std::nullopt;
  TwilioReport report{std::string(*sid), *stage, std::nullopt, ""};
  if (*stage != DeliveryStage::kFailed) return report;
  const int code = parameter_number(form, "ErrorCode");
  report.reason = reason_of_code(code);
  if (code > 0) report.error_code = std::to_string(code);
  return report;
}

}  // namespace countersign::delivery
