#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace countersign::delivery {

/// One e-mail to one person.
struct Mail {
  std::string_view from_name;   ///< As people read it, UTF-8; empty: the address alone.
  std::string_view from;        ///< Dot-atom address in ASCII.
  std::string_view to;          ///< contact::EmailAddress; may have UTF-8 before the `@`, for a server with SMTPUTF8.
  std::string_view subject;     ///< One line of UTF-8.
  std::string_view text;        ///< UTF-8, lines ended by "\n".
  std::string_view html;        ///< The same for HTML; empty: the mail is text alone.
  std::string_view message_id;  ///< Without brackets: `VL…@example.com`. The same for every attempt.
  std::string_view locale;      ///< BCP 47.
  WallTime date;
};

/// The bytes of the mail, in ASCII but for such an address, with lines of at most 998 characters ended by CRLF, so that
/// every server accepts them. [RFC 5322, 2045, 2047] Says that no person wrote it, so that nobody's absence note
/// answers. [RFC 3834, 5]
///
/// Control characters of names and subjects become spaces: nothing can add a header or a recipient.
[[nodiscard]] std::string write_mail(const Mail& mail);

/// Text in a header as encoded words, where it has anything but printable ASCII or would be too long for a line.
/// [RFC 2047, 2]
[[nodiscard]] std::string header_text(std::string_view text);

/// Quoted-printable of UTF-8 text. [RFC 2045, 6.7]
[[nodiscard]] std::string quoted_printable(std::string_view text);

}  // namespace countersign::delivery
