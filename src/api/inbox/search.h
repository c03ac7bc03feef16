#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "usecase/inbox.h"

namespace countersign::api {

/// What somebody typed to find a message: words, all of which must be met. `to:`, `channel:`, `code:` and `tx:` ask for
/// a part of that field, `tag:` for one of the tags in full; a word without one of these for a part of the address, the
/// subject or the text. ASCII letters
/// match in either case.
class InboxSearch {
 public:
  explicit InboxSearch(std::string_view typed);
  [[nodiscard]] bool matches(const usecase::InboxMessage& message) const;

 private:
  struct Word {
    std::string field;  ///< Empty: anywhere.
    std::string part;
  };
  std::vector<Word> words_;
};

}  // namespace countersign::api
