#include "usecase/outbox/conversion_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/number.h"
#include "store/repository/conversion.h"

namespace countersign::usecase {

namespace {

constexpr char kBetween = '|';  // In no name of the configuration, channel, country or number.
constexpr std::int64_t kDaysByDefault = 7;

std::string cursor_of(const store::ConversionKey& key) {
  return to_hex(
      fmt::format("{}|{}|{}|{}|{}|{}", key.day, key.provider, key.channel, key.country, key.prefix, key.attempt));
}

std::optional<store::ConversionKey> read_cursor(const AccountId& account, std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes || !std::ranges::all_of(*bytes, [](char c) { return c > ' ' && c <= '~'; })) return std::nullopt;
  std::vector<std::string> parts(1);
  for (const char c : *bytes) {
    if (c == kBetween)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  if (parts.size() != 6) return std::nullopt;
  const auto day = parse_number<std::int64_t>(parts[0]);
  const auto attempt = parse_number<int>(parts[5]);
  if (!day || !attempt) return std::nullopt;
  return store::ConversionKey{account, *day, parts[1], parts[2], parts[3], parts[4], *attempt};
}

ConversionView view_of(const store::ConversionRow& row, bool by_prefix) {
  const auto& [key, counts] = row;
  ConversionView view{std::chrono::sys_days(std::chrono::days(key.day)), key.provider, key.channel};
  if (!key.country.empty()) view.country = key.country;
  if (by_prefix && !key.prefix.empty()) view.prefix = key.prefix;
  view.attempt = key.attempt;
  view.started = counts.started;
  view.approved = counts.approved;
  if (counts.approved > 0) view.mean_seconds = counts.seconds / counts.approved;
  return view;
}

}  // namespace

Answer<ConversionPage> report_conversion(const Work& work, const ConversionQuery& query) {
  store::ConversionFilter filter;
  const std::int64_t today = store::day_of(work.moment.now);
  filter.since = query.asked.since ? store::day_of(*query.asked.since) : today - kDaysByDefault + 1;
  filter.until = query.asked.until ? store::day_of(*query.asked.until - Duration(1)) + 1 : today + 1;
  filter.provider = query.provider;
  if (query.channel) filter.channel = contact::to_text(*query.channel);
  filter.country = query.country;
  filter.by_prefix = query.by_prefix;
  filter.limit = query.limit;
  if (query.cursor) {
    filter.after = read_cursor(work.caller.account, *query.cursor);
    if (!filter.after) return refuse_field("cursor", "must be a next_cursor of an earlier page");
  }
  const auto rows = store::list_conversion(work.tx, work.caller.account, filter);
  ConversionPage page;
  for (const auto& row : rows) page.views.push_back(view_of(row, query.by_prefix));
  if (static_cast<int>(rows.size()) == query.limit) page.next = cursor_of(rows.back().key);
  return page;
}

}  // namespace countersign::usecase
