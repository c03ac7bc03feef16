#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::contact {

/// The alphabet a text message travels in (3GPP TS 23.038). One character outside GSM-7 turns the whole message into
/// UCS-2, which holds 70 characters where GSM-7 holds 160.
enum class MessageAlphabet { kGsm7, kUcs2 };

struct MessageSize {
  MessageAlphabet alphabet;
  std::size_t units;     ///< Septets (a character of the extension table takes two) or UTF-16 code units.
  std::size_t segments;  ///< What is paid for; an empty text takes one. A character is never split over two.
};

/// Every character is in the GSM-7 default alphabet or its extension table. False for broken UTF-8.
[[nodiscard]] bool is_gsm7(std::string_view text);

/// What sending `text` (UTF-8) takes. Broken UTF-8 counts one unit for each bad byte.
[[nodiscard]] MessageSize measure_message(std::string_view text);

/// `text` with every character replaced by the nearest of GSM-7: ã, õ and ç lose their marks (é, à, ñ, ü and Ç have a
/// place of their own), ł is l and œ is oe, typographic quotes and dashes become plain, U+00A0 a space; combining
/// marks, invisible characters and emoji vanish. Broken UTF-8 comes out as `?`. Nothing where a letter or sign has no
/// likeness (Cyrillic, Arabic, Chinese, small Greek letters), where a number would read as another one (`366¹²`, `12½`,
/// `3661·5`, digits struck through, an emoji between two digits), or where nothing but emoji is there: such a text is
/// sent as it stands, in UCS-2. What comes out can be a link that `text` was not: see without_links.
[[nodiscard]] std::optional<std::string> to_gsm7(std::string_view text);

/// `text` on one line: line breaks, tabs and runs of space become one space; control, bidirectional and invisible
/// characters vanish; wide and small forms of ASCII become plain. Broken UTF-8 comes out as `?`.
[[nodiscard]] std::string visible_text(std::string_view text);

/// `text`, spelled as it will be sent, without what a phone makes a link of or a browser takes a code from. `://`
/// becomes a space; a dot before a letter gets a space behind it (`evil.example/x` → `evil. example/x`), but where no
/// link can go through it: before a single letter (`S.A.`) and in an alphanumeric CNPJ; so does every dot of an IPv4
/// address; `#` before a letter or digit goes. Broken UTF-8 comes out as `?`.
[[nodiscard]] std::string without_links(std::string_view text);

/// Text from outside (a payee, a line of the display) made fit to stand inside a message of ours: visible_text and
/// without_links. At most `max_length` characters (code points), the last one `…` where something was cut off. Whoever
/// spells the result in another way has to take links apart again. [SMS-4]
[[nodiscard]] std::string sanitise_for_message(std::string_view text, std::size_t max_length);

/// Whether `text` says anything: marks, signs, emoji and blanks alone do not.
[[nodiscard]] bool has_letter_or_digit(std::string_view text);

}  // namespace countersign::contact
