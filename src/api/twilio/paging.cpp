#include "api/twilio/paging.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/json_writer.h"
#include "api/twilio/params.h"
#include "base/encoding.h"

namespace countersign::api::twilio {

namespace {

// page token := PA (onwards from) or PB (back from), and the id of the last item seen as 32 hex digits
constexpr std::string_view kForwards = "PA";
constexpr std::string_view kBackwards = "PB";

/// All query parameters except those for paging stay in the links.
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
  // A page backwards is read in the opposite order.
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

Verdict<Page> read_page(const Call& call, ErrorCode fault) {
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
  json.close_array().key("meta").open_object().member("key", key).member("page", page.number);
  json.member("page_size", page.size).member("first_page_url", base + "&Page=0");
  json.member("previous_page_url",
              has_previous && !items.empty()
                  ? std::optional(link(std::max<std::int64_t>(0, page.number - 1), kBackwards, items.front().first))
                  : std::nullopt);
  json.member("url", page.after    ? link(page.number, kForwards, *page.after)
                     : page.before ? link(page.number, kBackwards, *page.before)
                                   : fmt::format("{}&Page={}", base, page.number));
  json.member("next_page_url", has_next && !items.empty()
                                   ? std::optional(link(page.number + 1, kForwards, items.back().first))
                                   : std::nullopt);
  return {200, json.close_object().close_object().take()};
}

}  // namespace countersign::api::twilio
