#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "contact/channel.h"
#include "domain/display.h"

namespace countersign::domain {

struct MessageParts {
  std::string_view service_name;
  std::string_view locale;       ///< pt-BR, en or es; anything else reads as en.
  std::string_view origin_host;  ///< Host of the page that asks for the code; empty: no origin-bound line.
  int valid_minutes = 10;
};

/// The text of a message that carries a code: who asks, the code, what it approves (the amount, or the title, and where
/// it goes), how long it is valid, and not to share it. [SMS-1, SMS-3, SMS-4; RTS 5(1)(a)]
///
/// Where it goes is the display's short line; without one, the first of its lines that is not blank, where it fits
/// whole, has a letter or digit, and nothing in it has to be taken apart as a link; else the payee. No later line.
///
/// SMS is written in GSM-7, its own words without accents, where every name has a likeness there; otherwise the whole
/// message goes out in UCS-2, as it is spelled. It takes as few segments as it can, one of 160 septets wherever GSM-7
/// will do: the payee is dropped first, then the title cut, then the service's name. Code, amount, short line and
/// warning are never cut. It ends in the origin-bound line when there is a host.
[[nodiscard]] SecretString code_message(contact::Channel channel, const Display& display, std::string_view code,
                                        const MessageParts& parts);

/// How a short line stands beside what is never cut: code, amount, warning, origin-bound line, and the service's name
/// at its shortest.
struct ShortLineRoom {
  bool fits;         ///< In one segment; in UCS-2, which a single other letter asks for, in three.
  std::size_t most;  ///< Characters that fit.
  std::size_t has;   ///< Characters of this one, as they are sent: those of the extension table, € say, take two.
  bool has_doubles;  ///< Some of it do.
};
[[nodiscard]] ShortLineRoom short_line_room(const Display& display, std::size_t code_length, const MessageParts& parts);

/// The septets of the longest text message of a service once everything has given way that can: with the largest
/// amount, in the wordiest language. Above 160 the host or the service's name is too long for messages of one segment;
/// the configuration is refused then, rather than somebody's message doubled or its last line lost. A service's name in
/// other letters than GSM-7's is counted as if it were in these: its messages take more than one segment anyway.
[[nodiscard]] std::size_t longest_text_message(std::string_view service_name, std::string_view origin_host,
                                               std::size_t code_length);

/// The title of the operation by which a person adds an authenticator app. [STD-4]
[[nodiscard]] std::string_view add_app_title(std::string_view locale);

/// Subject of the e-mail that carries a code: the code first, so that a notification shows it.
[[nodiscard]] std::string code_subject(const Display& display, std::string_view code, const MessageParts& parts);

}  // namespace countersign::domain
