#include "api/inbox/search.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace countersign::api {

namespace {

constexpr std::array<std::string_view, 5> kFields{"to", "channel", "code", "tx", "tag"};

bool has(std::string_view text, const std::string& part) { return lower_case(text).find(part) != std::string::npos; }

}  // namespace

InboxSearch::InboxSearch(std::string_view typed) {
  while (!typed.empty()) {
    const auto end = std::min(typed.find(' '), typed.size());
    const auto word = lower_case(typed.substr(0, end));
    typed.remove_prefix(std::min(end + 1, typed.size()));
    if (word.empty()) continue;
    const auto colon = word.find(':');
    const auto field = word.substr(0, colon);
    const bool known = colon != std::string::npos && std::ranges::find(kFields, field) != kFields.end();
    words_.push_back(known ? Word{field, word.substr(colon + 1)} : Word{"", word});
  }
}

bool InboxSearch::matches(const usecase::InboxMessage& message) const {
  return std::ranges::all_of(words_, [&](const Word& word) {
    if (word.field == "to") return has(message.to, word.part);
    if (word.field == "channel") return has(message.channel, word.part);
    if (word.field == "code") return has(message.code.expose(), word.part);
    if (word.field == "tx") return has(message.transaction ? message.transaction->text() : "", word.part);
    if (word.field == "tag")
      return std::ranges::any_of(message.tags, [&](const std::string& tag) { return lower_case(tag) == word.part; });
    return has(message.to, word.part) || has(message.subject, word.part) || has(message.body, word.part);
  });
}

}  // namespace countersign::api
