#pragma once

#include <cstddef>
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

/// The text of a message that carries a code: who asks, the code, what it approves (amount and payee, or the title),
/// how long it is valid, and not to share it. SMS is transliterated to GSM-7, cut to one segment of 160 septets where
/// names are long, and ends in the origin-bound line when there is a host. [SMS-1, SMS-3, SMS-4; RTS 5(1)(a)]
[[nodiscard]] SecretString code_message(contact::Channel channel, const Display& display, std::string_view code,
                                        const MessageParts& parts);

/// The septets of the longest text message that a service can come to send: every name at its longest, the amount too,
/// in the wordiest language. Above 160 the host or the service's name is too long for messages of one segment; the
/// configuration is refused then, rather than somebody's message doubled or its last line lost.
[[nodiscard]] std::size_t longest_text_message(std::string_view service_name, std::string_view origin_host,
                                               std::size_t code_length);

/// The title of the operation by which a person adds an authenticator app. [STD-4]
[[nodiscard]] std::string_view add_app_title(std::string_view locale);

/// Subject of the e-mail that carries a code: the code first, so that a notification shows it.
[[nodiscard]] std::string code_subject(const Display& display, std::string_view code, const MessageParts& parts);

}  // namespace countersign::domain
