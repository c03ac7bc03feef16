#include "domain/sms_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "contact/message_text.h"

namespace countersign::domain {

std::optional<std::string> spelled_name(std::string_view name, std::size_t room, Spelling spelling) {
  std::string text = contact::sanitise_for_message(name, room);
  if (spelling == Spelling::kAsSpelled) return text;
  auto cut = contact::to_gsm7(text);
  if (!cut || utf8_length(name) <= room) return cut;
  // In GSM-7 the sign of a cut is three full stops, which can take more than they save ("Pal..." for Palco).
  auto whole = contact::to_gsm7(contact::sanitise_for_message(name, room + 2));
  const bool is_no_longer = whole && contact::measure_message(*whole).units <= contact::measure_message(*cut).units;
  return is_no_longer ? whole : cut;
}

std::string spelled_words(std::string_view words, Spelling spelling) {
  if (spelling == Spelling::kAsSpelled) return std::string(words);
  constexpr std::array<std::pair<std::string_view, char>, 3> kPlain{
      {{"\u00E9", 'e'}, {"\u00E0", 'a'}, {"\u00C9", 'E'}}};
  std::string out = contact::to_gsm7(words).value_or(std::string(words));
  for (const auto& [accented, plain] : kPlain) {
    for (auto at = out.find(accented); at != std::string::npos; at = out.find(accented, at))
      out.replace(at, accented.size(), 1, plain);
  }
  return out;
}

}  // namespace countersign::domain
