#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "contact/channel.h"
#include "domain/display.h"
#include "domain/method.h"

namespace countersign::domain {

struct MessageParts {
  std::string_view service_name;
  std::string_view locale;       ///< pt-BR, en or es; anything else is treated as en.
  std::string_view origin_host;  ///< Host of the page that asks for the code; empty: no origin-bound line.
  int valid_minutes = 10;
};

/// The text of a message with a code: the service, the code, what it approves (the amount, or the title, and the
/// destination), its validity, and the warning not to share it. [SMS-1, SMS-3, SMS-4; RTS 5(1)(a)]
///
/// The destination is the display's short line. Without one, it is the first line that is not blank, if it fits
/// completely, has a letter or digit, and contains nothing that would be taken apart as a link; otherwise the payee.
/// Never a later line.
///
/// SMS uses GSM-7, with our own words unaccented, if every name has a replacement there; otherwise the whole message is
/// sent in UCS-2 as spelled. It takes as few segments as possible, one of 160 septets whenever GSM-7 suffices: first
/// the payee is dropped, then the title cut, then the service's name. Code, amount, short line and warning are never
/// cut. The origin-bound line comes last if there is a host.
[[nodiscard]] SecretString code_message(contact::Channel channel, const Display& display, std::string_view code,
                                        const MessageParts& parts);

/// How a short line fits beside what is never cut: code, amount, warning, origin-bound line, and the shortest service
/// name.
struct ShortLineRoom {
  bool fits;         ///< In one segment; in UCS-2, which a single other letter causes, in three.
  std::size_t most;  ///< Characters that fit.
  std::size_t has;   ///< Characters of this one as sent: those of the extension table, such as €, count twice.
  bool has_doubles;  ///< Some count twice.
};
[[nodiscard]] ShortLineRoom short_line_room(const Display& display, std::size_t code_length, const MessageParts& parts);

/// The septets of a service's longest text message after all shortening, with the largest amount, in the longest
/// language. Above 160 the host or the service's name is too long for one segment, and the configuration is refused:
/// otherwise messages would be doubled or lose their last line. A name with letters outside GSM-7 is counted as if it
/// were GSM-7: its messages take more than one segment anyway.
[[nodiscard]] std::size_t longest_text_message(std::string_view service_name, std::string_view origin_host,
                                               std::size_t code_length);

/// Title of the operation in which a person adds a source of that kind: an authenticator app or recovery codes. [STD-4]
[[nodiscard]] std::string_view addition_title(std::string_view locale, Kind kind);

/// Subject of the e-mail that carries a code: the code first, so that a notification shows it.
[[nodiscard]] std::string code_subject(const Display& display, std::string_view code, const MessageParts& parts);

}  // namespace countersign::domain
