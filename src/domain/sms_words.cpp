#include "domain/sms_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "contact/message_text.h"

namespace countersign::domain {

namespace {

/// The byte offset after the first `count` characters of well-formed UTF-8.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80;
    if (starts && count-- == 0) break;
  }
  return at;
}

}  // namespace

std::optional<std::string> spelled_name(std::string_view name, std::size_t room, Spelling spelling) {
  if (spelling == Spelling::kAsSpelled) return contact::sanitise_for_message(name, room);
  // Remove links after the conversion: a replacement can create one (`evil·com` → `evil.com`).
  auto plain = contact::is_plain(name)
                   ? std::optional(std::string(name))
                   : contact::to_gsm7(contact::visible_text(name)).transform(contact::without_links);
  if (!plain || utf8_length(*plain) <= room) return plain;
  if (room == 0) return "";
  // The three full stops of a cut can take more than they save ("Pal..." for Palco).
  std::string cut = plain->substr(0, bytes_of(*plain, room - 1)).append("...");
  return contact::measure_message(*plain).units <= contact::measure_message(cut).units ? *plain : cut;
}

bool stands_unaltered(std::string_view name) {
  if (contact::is_plain(name)) return true;
  const auto is_kept = [](std::string_view text) { return contact::without_links(text) == text; };
  const std::string text = contact::visible_text(name);
  const auto plain = contact::to_gsm7(text);
  return is_kept(text) && (!plain || *plain == text || is_kept(*plain));
}

bool says_something(std::string_view name) {
  if (std::ranges::any_of(name, is_letter_or_digit)) return true;  // Of ASCII, which is never replaced.
  const std::string text = contact::visible_text(name);
  return contact::has_letter_or_digit(text) && contact::has_letter_or_digit(contact::to_gsm7(text).value_or(text));
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
