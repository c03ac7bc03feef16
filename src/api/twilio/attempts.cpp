#include <fmt/format.h>

#include "api/twilio/params.h"
#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "usecase/verify_api/attempts.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

/// The request's parameters.
struct Asked {
  verify_api::AttemptFilter filter;
  bool nothing = false;  ///< The channel does not exist here, so nothing matches.
};

Verdict<Asked> read_filter(const Call& call) {
  Params params(call.query);
  Asked asked;
  auto& filter = asked.filter;
  filter.after = params.time("DateCreatedAfter");
  filter.before = params.time("DateCreatedBefore");
  filter.to = params.text("ChannelData.To", 254).value_or("");
  filter.country = params.text("Country", 2).value_or("");
  filter.prefix = params.text("DestinationPrefix", 20).value_or("");
  if (!filter.prefix.empty() && filter.prefix.front() != '+') filter.prefix.insert(filter.prefix.begin(), '+');
  if (const auto word = params.one_of("Channel", {"sms", "call", "email", "whatsapp", "rbm", "sna"})) {
    filter.channel = contact::parse_channel(*word);
    asked.nothing = !filter.channel;
  }
  if (const auto sid = params.text("VerifyServiceSid", 34)) {
    filter.service = ServiceId::parse(*sid);
    if (!filter.service) params.refuse("VerifyServiceSid");
  }
  if (const auto sid = params.text("VerificationSid", 34)) {
    filter.verification = VerificationId::parse(*sid);
    if (!filter.verification) params.refuse("VerificationSid");
  }
  if (const auto status = params.one_of("Status", {"converted", "unconverted"}))
    filter.converted = *status == "converted";
  if (params.refusal()) return countersign::fail(*params.refusal());
  return asked;
}

json::value text_or_none(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

std::string attempt_json(const Twilio& twilio, const Call& call, const verify_api::Attempt& attempt) {
  const std::string_view conversion = attempt.converted ? "converted" : "unconverted";
  json::object data{{"verification_sid", attempt.verification.text()},
                    {"to", attempt.to},
                    {"status", conversion},
                    {"message_status", attempt.message_status},
                    {"error_code", attempt.error_code ? json::value(*attempt.error_code) : json::value(nullptr)},
                    {"country", text_or_none(attempt.country)},
                    {"code_length", attempt.code_length},
                    {"locale", attempt.locale},
                    {"mcc", nullptr},
                    {"mnc", nullptr},
                    {"carrier", nullptr}};
  return canonical_json(json::object{
      {"sid", attempt.id.text()},
      {"account_sid", call.caller.account.text()},
      {"service_sid", attempt.service.text()},
      {"verification_sid", attempt.verification.text()},
      {"date_created", date_text(attempt.id.id.time())},
      {"date_updated", date_text(attempt.updated_at)},
      {"conversion_status", conversion},
      {"channel", contact::to_text(attempt.channel)},
      // The price is between the operator and the provider.
      {"price", {{"value", "0"}, {"currency", "usd"}}},
      {"channel_data", std::move(data)},
      {"url", fmt::format("{}/v2/Attempts/{}", twilio.api.context.settings.public_url, attempt.id.text())}});
}

Verdict<Answered> list_attempts(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  auto page = read_page(call);
  if (!page) return countersign::fail(page.error());
  if (page->before) return refuse(ErrorCode::kInvalidParameter, "PageToken");
  page->forwards_only = true;
  auto asked = read_filter(call);
  if (!asked) return countersign::fail(asked.error());
  asked->filter.older_than = page->after;
  std::vector<Item> items;
  if (!asked->nothing) {
    const int wanted = static_cast<int>(page->size) + 1;
    for (const auto& attempt : verify_api::list_attempts(work, asked->filter, wanted))
      items.emplace_back(attempt.id.id, attempt_json(twilio, call, attempt));
  }
  return page_of(call, work.context.settings.public_url, "attempts", *page, std::move(items));
}

Verdict<Answered> show_attempt(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto id = MessageId::parse(call.request.params.at(0));
  if (!id) return refuse(ErrorCode::kNotFound);
  return verify_api::show_attempt(work, *id).transform(
      [&](const verify_api::Attempt& attempt) { return Answered{200, attempt_json(twilio, call, attempt)}; });
}

/// A string with nine decimals: `81.818181818`.
std::string percentage(const verify_api::AttemptCounts& counts) {
  if (counts.total == 0) return "0";
  return fmt::format("{:.9f}", 100.0 * static_cast<double>(counts.converted) / static_cast<double>(counts.total));
}

Verdict<Answered> summary(const Twilio&, const usecase::Work& work, const Call& call) {
  const auto asked = read_filter(call);
  if (!asked) return countersign::fail(asked.error());
  const auto counts = asked->nothing ? verify_api::AttemptCounts{} : verify_api::count_attempts(work, asked->filter);
  return Answered{200,
                  canonical_json(json::object{{"total_attempts", counts.total},
                                              {"total_converted", counts.converted},
                                              {"total_unconverted", counts.total - counts.converted},
                                              {"conversion_rate_percentage", percentage(counts)},
                                              {"url", work.context.settings.public_url + "/v2/Attempts/Summary"}})};
}

}  // namespace

void add_attempt_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.read("/v2/Attempts", "verify_attempt_list", list_attempts);
  routes.read("/v2/Attempts/Summary", "verify_attempt_summary", summary);
  routes.read("/v2/Attempts/{sid}", "verify_attempt_show", show_attempt);
}

}  // namespace countersign::api::twilio
