#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/twilio/call.h"
#include "usecase/verify_api/collection.h"

namespace countersign::api::twilio {

/// The requested page. The token is the cursor; the number is only returned to the client.
struct Page {
  std::int64_t size = 50;
  std::int64_t number = 0;
  std::optional<Id> after;     ///< The page after this id.
  std::optional<Id> before;    ///< The page before this id.
  bool forwards_only = false;  ///< The list has no previous pages.

  /// The range for the store, with one row more than is shown, to detect a further page.
  [[nodiscard]] store::ResourceRange range(bool newest_first = false) const;
};
[[nodiscard]] Verdict<Page> read_page(const Call& call, ErrorCode fault = ErrorCode::kInvalidParameter);

/// The id and JSON of one item.
using Item = std::pair<Id, std::string>;

/// `{"<key>": […], "meta": {…}}`. `items` is the result of the range. Links use the configured public address, never
/// the request's Host: clients follow them with their credentials.
[[nodiscard]] Answered page_of(const Call& call, const std::string& public_url, std::string_view key, const Page& page,
                               std::vector<Item> items);

}  // namespace countersign::api::twilio
