#include "api/twilio/paging.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/json_writer.h"
#include "api/twilio/params.h"
#include "base/encoding.h"

namespace countersign::api::twilio {

namespace {

constexpr std::string_view kForwards = "PA";
constexpr std::string_view kBackwards = "PB";

/// Everything in the query that is not about paging stays in the links.
std::string filters_of(const Call& call) {
  std::string out;
  for (const auto& [name, value] : call.query.fields) {
    if (name == "PageSize" || name == "Page" || name == "PageToken") continue;
    out += fmt::format("{}={}&", percent_encode(name), percent_encode(value));
  }
  return out;
}

}  // namespace

store::ResourceRange Page::range(bool newest_first) const {
  store::ResourceRange range;
  range.limit = static_cast<int>(size) + 1;
  // Backwards is the same walk the other way round.
  range.newest_first = newest_first != before.has_value();
  if (newest_first) {
    range.before = after;
    range.after = before;
  } else {
    range.after = after;
    range.before = before;
  }
  return range;
}

Verdict<Page> read_page(const Call& call, Fault fault) {
  Params params(call.query, fault);
  Page page;
  page.size = params.integer("PageSize", 1, 1000).value_or(50);
  page.number = params.integer("Page", 0, 1'000'000'000).value_or(0);
  if (const auto token = params.text("PageToken", 100); token && !token->empty()) {
    page.after = parse_id(kForwards, *token);
    page.before = parse_id(kBackwards, *token);
    if (!page.after && !page.before) params.refuse("PageToken");
  }
  if (params.refusal()) return countersign::fail(*params.refusal());
  return page;
}

Answered page_of(const Call& call, const std::string& public_url, std::string_view key, const Page& page,
                 std::vector<Item> items) {
  const bool more = items.size() > static_cast<std::size_t>(page.size);
  if (more) items.resize(static_cast<std::size_t>(page.size));
  if (page.before) std::reverse(items.begin(), items.end());
  const bool has_next = page.before ? true : more;
  const bool has_previous = !page.forwards_only && (page.before ? more : page.number > 0);

  const std::string base =
      fmt::format("{}{}?{}PageSize={}", public_url, call.request.path, filters_of(call), page.size);
  const auto link = [&](std::int64_t number, std::string_view token, const Id& id) {
    return fmt::format("{}&Page={}&PageToken={}", base, number, id_text(token, id));
  };
  JsonWriter json;
  json.open_object().key(key).open_array();
  for (const auto& [id, text] : items) json.raw(text);
  json.close_array().key("meta").open_object().key("key").text(key).key("page").number(page.number);
  json.key("page_size").number(page.size).key("first_page_url").text(base + "&Page=0");
  json.key("previous_page_url");
  if (has_previous && !items.empty())
    json.text(link(std::max<std::int64_t>(0, page.number - 1), kBackwards, items.front().first));
  else
    json.null();
  json.key("url").text(page.after    ? link(page.number, kForwards, *page.after)
                       : page.before ? link(page.number, kBackwards, *page.before)
                                     : fmt::format("{}&Page={}", base, page.number));
  json.key("next_page_url");
  if (has_next && !items.empty())
    json.text(link(page.number + 1, kForwards, items.back().first));
  else
    json.null();
  return {200, json.close_object().close_object().take()};
}

}  // namespace countersign::api::twilio
