#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::contact {

/// The alphabet of a text message (3GPP TS 23.038). One character outside GSM-7 turns the whole message into UCS-2,
/// with 70 characters instead of 160.
enum class MessageAlphabet { kGsm7, kUcs2 };

struct MessageSize {
  MessageAlphabet alphabet;
  std::size_t units;     ///< Septets (a character of the extension table takes two) or UTF-16 code units.
  std::size_t segments;  ///< Billed segments; an empty text takes one. No character is split between two.
};

/// Every character is in the GSM-7 default alphabet or its extension table. False for broken UTF-8.
[[nodiscard]] bool is_gsm7(std::string_view text);

/// The size of a message with `text` (UTF-8). Each byte of broken UTF-8 counts as one unit.
[[nodiscard]] MessageSize measure_message(std::string_view text);

/// `text` with every character replaced by the nearest one in GSM-7: ã, õ and ç lose their marks (é, à, ñ, ü and Ç are
/// in GSM-7), ł is l and œ is oe, typographic quotes and dashes become plain, U+00A0 a space; combining marks,
/// invisible characters and emoji are removed. Broken UTF-8 becomes `?`. nullopt where a letter or sign has no
/// replacement (Cyrillic, Arabic, Chinese, small Greek letters), where a number would read as another one (`366¹²`,
/// `12½`, `3661·5`, digits struck through, an emoji between two digits), or where there is only emoji: such a text is
/// sent unchanged, in UCS-2. The result can be a link although `text` was not: see without_links.
[[nodiscard]] std::optional<std::string> to_gsm7(std::string_view text);

/// Whether visible_text, to_gsm7 and without_links all leave `text` as it is, as they do with most names: letters,
/// digits and signs of ASCII in GSM-7, without `.`, `:` and `#`, with single spaces inside. False says nothing.
[[nodiscard]] bool is_plain(std::string_view text);

/// `text` on one line: line breaks, tabs and runs of spaces become one space; control, bidirectional and invisible
/// characters are removed; wide and small forms of ASCII become plain. Broken UTF-8 becomes `?`.
[[nodiscard]] std::string visible_text(std::string_view text);

/// `text`, spelled as it is sent, without anything that a phone turns into a link or a browser reads as a code. `://`
/// becomes a space. A space is inserted after every dot of an IPv4 address and after a dot before a letter
/// (`evil.example/x` → `evil. example/x`), except where it cannot be a link: before a single letter (`S.A.`) and in an
/// alphanumeric CNPJ. `#` before a letter or digit is removed. Broken UTF-8 becomes `?`.
[[nodiscard]] std::string without_links(std::string_view text);

/// Makes external text (a payee, a line of the display) safe inside a message of ours: visible_text and without_links.
/// At most `max_length` characters (code points), the last one `…` if it was cut. A caller that changes the spelling
/// afterwards must apply without_links again. [SMS-4]
[[nodiscard]] std::string sanitise_for_message(std::string_view text, std::size_t max_length);

/// Whether `text` contains a letter or digit, not only marks, signs, emoji and blanks.
[[nodiscard]] bool has_letter_or_digit(std::string_view text);

}  // namespace countersign::contact
