#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/twilio/call.h"
#include "store/repository/resources.h"

namespace countersign::api::twilio {

/// Which page is asked for. The token is the real cursor, the number book-keeping of the client's.
struct Page {
  std::int64_t size = 50;
  std::int64_t number = 0;
  std::optional<Id> after;     ///< Forwards from there.
  std::optional<Id> before;    ///< Backwards from there.
  bool forwards_only = false;  ///< The list cannot be walked backwards.

  /// The same as a range of the store, with one row more than is shown, by which it is seen whether there are more.
  [[nodiscard]] store::ResourceRange range(bool newest_first = false) const;
};
[[nodiscard]] Verdict<Page> read_page(const Call& call, Fault fault = Fault::kInvalidParameter);

/// One item: its id, and its JSON.
using Item = std::pair<Id, std::string>;

/// `{"<key>": […], "meta": {…}}`. `items` are as the range gave them. Links are on the configured public address, never
/// on what the request says its host is: clients follow them with their credentials.
[[nodiscard]] Answered page_of(const Call& call, const std::string& public_url, std::string_view key, const Page& page,
                               std::vector<Item> items);

}  // namespace countersign::api::twilio
