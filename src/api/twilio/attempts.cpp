#include <fmt/format.h>

#include <algorithm>

#include "api/twilio/params.h"
#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "contact/phone_number.h"
#include "store/repository/sendings.h"
#include "usecase/verify/service.h"

namespace countersign::api::twilio {

namespace {

constexpr auto kVisible = std::chrono::days(30);
/// One read looks at so many sendings at most, where a filter needs each of them opened.
constexpr int kOpenedMax = 20'000;

/// What the store can filter by, and what has to be seen in the address.
struct Filter {
  store::AttemptFilter stored;
  std::string to;
  std::string country;
  std::string prefix;
  bool nothing = false;  ///< It names a channel or a SID that nothing here can have.

  [[nodiscard]] bool opens() const { return !to.empty() || !country.empty() || !prefix.empty(); }
  [[nodiscard]] bool fits(const store::AttemptRow& row) const;
};

std::string country_of(const std::string& to) {
  const auto phone = contact::PhoneNumber::parse(to);
  return phone ? std::string(phone->region()) : std::string();
}

bool Filter::fits(const store::AttemptRow& row) const {
  if (!to.empty() && row.to != to) return false;
  if (!prefix.empty() && !row.to.starts_with(prefix)) return false;
  return country.empty() || country_of(row.to) == country;
}

Verdict<Filter> read_filter(const Call& call, WallTime now) {
  Params params(call.query);
  Filter filter;
  const WallTime oldest = now - kVisible;
  const auto after = params.time("DateCreatedAfter");
  filter.stored.from = {Id::floor_of(std::max(oldest, after.value_or(oldest)))};
  if (const auto before = params.time("DateCreatedBefore")) filter.stored.before = MessageId{Id::floor_of(*before)};
  filter.to = params.text("ChannelData.To", 254).value_or("");
  filter.country = params.text("Country", 2).value_or("");
  filter.prefix = params.text("DestinationPrefix", 20).value_or("");
  if (!filter.prefix.empty() && filter.prefix.front() != '+') filter.prefix.insert(filter.prefix.begin(), '+');
  if (const auto word = params.one_of("Channel", {"sms", "call", "email", "whatsapp", "rbm", "sna"})) {
    filter.stored.channel = contact::parse_channel(*word);
    filter.nothing = !filter.stored.channel;
  }
  if (const auto sid = params.text("VerifyServiceSid", 34)) {
    filter.stored.service = ServiceId::parse(*sid);
    if (!filter.stored.service) params.refuse("VerifyServiceSid");
  }
  if (const auto sid = params.text("VerificationSid", 34)) {
    filter.stored.verification = VerificationId::parse(*sid);
    if (!filter.stored.verification) params.refuse("VerificationSid");
  }
  if (const auto status = params.one_of("Status", {"converted", "unconverted"}))
    filter.stored.converted = *status == "converted";
  if (params.refusal()) return countersign::fail(*params.refusal());
  return filter;
}

json::value text_or_none(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

std::string attempt_json(const Twilio& twilio, store::Tx& tx, const Call& call, const store::AttemptRow& row) {
  const auto service = usecase::verify::find_service(tx, twilio.api.context, call.caller, row.service);
  const bool converted = row.verification_status == domain::VerificationStatus::kApproved;
  json::object data{{"verification_sid", row.verification.text()},
                    {"to", row.to},
                    {"status", converted ? "converted" : "unconverted"},
                    {"message_status", row.message_status},
                    {"error_code", row.error_code ? json::value(*row.error_code) : json::value(nullptr)},
                    {"country", text_or_none(country_of(row.to))},
                    {"code_length", service ? service->settings.code_length : 6},
                    {"locale", row.locale},
                    {"mcc", nullptr},
                    {"mnc", nullptr},
                    {"carrier", nullptr}};
  return canonical_json(
      json::object{{"sid", row.id.text()},
                   {"account_sid", call.caller.account.text()},
                   {"service_sid", row.service.text()},
                   {"verification_sid", row.verification.text()},
                   {"date_created", date_text(row.id.id.time())},
                   {"date_updated", date_text(row.finished_at.value_or(row.id.id.time()))},
                   {"conversion_status", converted ? "converted" : "unconverted"},
                   {"channel", contact::to_text(row.channel)},
                   // What a sending costs is between the operator and the provider.
                   {"price", {{"value", "0"}, {"currency", "usd"}}},
                   {"channel_data", std::move(data)},
                   {"url", fmt::format("{}/v2/Attempts/{}", twilio.api.context.settings.public_url, row.id.text())}});
}

Verdict<Answered> list_attempts(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  auto page = read_page(call);
  if (!page) return countersign::fail(page.error());
  if (page->before) return refuse(Fault::kInvalidParameter, "PageToken");
  page->forwards_only = true;
  auto filter = read_filter(call, moment.now);
  if (!filter) return countersign::fail(filter.error());
  const auto& context = twilio.api.context;
  if (page->after) filter->stored.before = MessageId{*page->after};
  const auto wanted = static_cast<std::size_t>(page->size) + 1;
  filter->stored.limit = filter->opens() ? kOpenedMax : static_cast<int>(wanted);
  std::vector<Item> items;
  if (!filter->nothing) {
    for (const auto& row : store::list_attempts(tx, context.vault, call.caller.account, filter->stored)) {
      if (items.size() == wanted) break;
      if (filter->fits(row)) items.emplace_back(row.id.id, attempt_json(twilio, tx, call, row));
    }
  }
  return page_of(call, context.settings.public_url, "attempts", *page, std::move(items));
}

Verdict<Answered> show_attempt(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto id = MessageId::parse(call.request.params.at(0));
  const auto row = id ? store::find_attempt(tx, twilio.api.context.vault, call.caller.account, *id) : std::nullopt;
  if (!row || row->id.id.time() < moment.now - kVisible) return refuse(Fault::kNotFound);
  return Answered{200, attempt_json(twilio, tx, call, *row)};
}

store::AttemptCounts count(const Twilio& twilio, store::Tx& tx, const Call& call, Filter filter) {
  if (filter.nothing) return {};
  if (!filter.opens()) return store::count_attempts(tx, call.caller.account, filter.stored);
  store::AttemptCounts counts;
  filter.stored.limit = kOpenedMax;
  for (const auto& row : store::list_attempts(tx, twilio.api.context.vault, call.caller.account, filter.stored)) {
    if (!filter.fits(row)) continue;
    ++counts.total;
    if (row.verification_status == domain::VerificationStatus::kApproved) ++counts.converted;
  }
  return counts;
}

/// With nine decimals, as a text: `81.818181818`.
std::string percentage(const store::AttemptCounts& counts) {
  if (counts.total == 0) return "0";
  return fmt::format("{:.9f}", 100.0 * static_cast<double>(counts.converted) / static_cast<double>(counts.total));
}

Verdict<Answered> summary(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto filter = read_filter(call, moment.now);
  if (!filter) return countersign::fail(filter.error());
  const auto counts = count(twilio, tx, call, *filter);
  return Answered{
      200, canonical_json(json::object{{"total_attempts", counts.total},
                                       {"total_converted", counts.converted},
                                       {"total_unconverted", counts.total - counts.converted},
                                       {"conversion_rate_percentage", percentage(counts)},
                                       {"url", twilio.api.context.settings.public_url + "/v2/Attempts/Summary"}})};
}

}  // namespace

void add_attempt_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.read("/v2/Attempts", "verify_attempt_list", list_attempts);
  routes.read("/v2/Attempts/Summary", "verify_attempt_summary", summary);
  routes.read("/v2/Attempts/{sid}", "verify_attempt_show", show_attempt);
}

}  // namespace countersign::api::twilio
