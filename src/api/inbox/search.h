#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "usecase/development/inbox.h"

namespace countersign::api {

/// A query for messages: words that must all match. `to:`, `channel:`, `code:` and `tx:` match a part of that field,
/// `tag:` a whole tag; a word without a prefix matches a part of the address, the subject or the text. ASCII letters
/// match in either case.
class InboxSearch {
 public:
  explicit InboxSearch(std::string_view typed);
  [[nodiscard]] bool matches(const usecase::InboxMessage& message) const;

 private:
  struct Word {
    std::string field;  ///< Empty: any field.
    std::string part;
  };
  std::vector<Word> words_;
};

}  // namespace countersign::api
