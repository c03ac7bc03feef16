#include <fmt/format.h>

#include <algorithm>

#include "api/v1/filters.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "base/ascii.h"
#include "usecase/outbox/conversion_report.h"

namespace countersign::api::v1 {

namespace {

/// A name of the configuration, or a country.
bool is_word(std::string_view text) {
  constexpr std::size_t kMax = 64;
  return !text.empty() && text.size() <= kMax &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '+'; });
}

void write_conversion(JsonWriter& json, const usecase::ConversionView& view) {
  const std::chrono::year_month_day day(view.day);
  json.open_object().member("day", fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                                               static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day())));
  json.member("provider", view.provider).member("channel", view.channel).member("country", view.country);
  json.member("prefix", view.prefix).member("attempt", view.attempt).member("started", view.started);
  json.member("approved", view.approved).member("mean_seconds", view.mean_seconds).close_object();
}

usecase::Answer<usecase::ConversionQuery> read_query(const http::Request& request) {
  usecase::ConversionQuery query;
  const auto limit = page_limit(request);
  if (!limit) return usecase::refuse_field("limit", "must be 1 to 200");
  query.limit = *limit;
  const auto asked = read_time_range(request);
  if (!asked) return fail(asked.error());
  query.asked = *asked;
  query.provider = request.query_value("provider");
  if (query.provider && !is_word(*query.provider))
    return usecase::refuse_field("provider", "must be the name of a provider");
  if (const auto channel = request.query_value("channel")) {
    query.channel = contact::parse_channel(*channel);
    if (!query.channel) return usecase::refuse_field("channel", "must be sms, call, whatsapp or email");
  }
  query.country = request.query_value("country");
  if (query.country && !is_word(*query.country))
    return usecase::refuse_field("country", "must be a country such as BR, or none");
  if (query.country == "none") query.country = "";
  if (const auto by = request.query_value("by")) {
    query.by_prefix = *by == "prefix";
    if (!query.by_prefix && *by != "country") return usecase::refuse_field("by", "must be country or prefix");
  }
  query.cursor = request.query_value("cursor");
  return query;
}

usecase::Answer<std::string> list_conversion(const usecase::Work& work, const Call& call) {
  const auto query = read_query(call.request);
  if (!query) return fail(query.error());
  return usecase::report_conversion(work, *query).transform([](const usecase::ConversionPage& page) {
    return page_json(page.views, page.next, write_conversion);
  });
}

}  // namespace

void add_conversion_routes(http::Router& router, const Api& api) {
  router.add(
      http::Method::kGet, "/v1/conversion", "list_conversion",
      reads(api, list_conversion, {"since", "until", "provider", "channel", "country", "by", "cursor", "limit"}));
}

}  // namespace countersign::api::v1
