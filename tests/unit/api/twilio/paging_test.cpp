#include "api/twilio/paging.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"

namespace countersign::api::twilio {
namespace {

constexpr std::string_view kHere = "https://verify.example.com";

Call call_to(std::string path, std::string_view query) {
  Call call;
  call.request.path = std::move(path);
  call.query = *http::parse_form(query);
  return call;
}

Id number(std::uint8_t n) {
  std::array<std::uint8_t, 16> bytes{};
  bytes[15] = n;
  return Id(bytes);
}

/// Items 1 to 7, cut to the page as a store would.
std::vector<Item> items_for(const Page& page) {
  const auto range = page.range();
  std::vector<Item> items;
  for (std::uint8_t n = 1; n <= 7; ++n) {
    const bool fits = (!range.after || *range.after < number(n)) && (!range.before || number(n) < *range.before);
    if (fits) items.emplace_back(number(n), std::to_string(n));
  }
  if (range.newest_first) std::reverse(items.begin(), items.end());
  if (items.size() > static_cast<std::size_t>(range.limit)) items.resize(static_cast<std::size_t>(range.limit));
  return items;
}

json::object answer(std::string_view query) {
  const Call call = call_to("/v2/Services", query);
  const auto page = read_page(call);
  EXPECT_TRUE(page);
  const auto answered = page_of(call, std::string(kHere), "services", *page, items_for(*page));
  return parse_json(answered.body)->as_object();
}

std::string shown(const json::object& body) {
  std::string all;
  for (const auto& item : body.at("services").as_array()) all += std::to_string(item.as_int64());
  return all;
}

/// The query of a link, which must be on the public address.
std::string query_of(const json::value& link) {
  const std::string text(link.as_string());
  EXPECT_TRUE(text.starts_with("https://verify.example.com/v2/Services?")) << text;
  return text.substr(text.find('?') + 1);
}

TEST(TwilioPaging, WalksThereAndBack) {
  std::string query = "PageSize=3";
  std::vector<std::string> pages;
  json::object body;
  for (int i = 0; i < 3; ++i) {
    body = answer(query);
    pages.push_back(shown(body));
    if (body.at("meta").at("next_page_url").is_null()) break;
    query = query_of(body.at("meta").at("next_page_url"));
  }
  EXPECT_EQ(pages, (std::vector<std::string>{"123", "456", "7"}));
  EXPECT_TRUE(body.at("meta").at("next_page_url").is_null());
  EXPECT_EQ(body.at("meta").at("page").as_int64(), 2);
  body = answer(query_of(body.at("meta").at("previous_page_url")));
  EXPECT_EQ(shown(body), "456");
  body = answer(query_of(body.at("meta").at("previous_page_url")));
  EXPECT_EQ(shown(body), "123");
  EXPECT_TRUE(body.at("meta").at("previous_page_url").is_null());
}

TEST(TwilioPaging, AnExactPageHasNoNext) {
  const auto body = answer("PageSize=7");
  EXPECT_EQ(shown(body), "1234567");
  EXPECT_TRUE(body.at("meta").at("next_page_url").is_null());
  EXPECT_EQ(body.at("meta").at("key").as_string(), "services");
  EXPECT_EQ(body.at("meta").at("page_size").as_int64(), 7);
}

TEST(TwilioPaging, KeepsTheFiltersInItsLinks) {
  const auto body = answer("Status=converted&PageSize=2&ChannelData.To=%2B15017122661");
  const auto next = query_of(body.at("meta").at("next_page_url"));
  EXPECT_TRUE(next.starts_with("Status=converted&ChannelData.To=%2B15017122661&PageSize=2&Page=1&PageToken=PA"))
      << next;
}

TEST(TwilioPaging, RefusesWhatIsNoPage) {
  for (const std::string_view bad : {"PageSize=0", "PageSize=1001", "PageSize=x", "Page=-1", "PageToken=PA1",
                                     "PageToken=PC00000000000000000000000000000000"}) {
    const auto page = read_page(call_to("/v2/Services", bad), ErrorCode::kInvalidRequest);
    ASSERT_FALSE(page) << bad;
    EXPECT_EQ(page.error().fault, ErrorCode::kInvalidRequest);
    EXPECT_EQ(page.error().detail, bad.substr(0, bad.find('=')));
  }
  EXPECT_EQ(read_page(call_to("/v2/Services", ""))->size, 50);
}

}  // namespace
}  // namespace countersign::api::twilio
