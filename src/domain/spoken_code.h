#pragma once

#include <string>
#include <string_view>

#include "domain/display.h"
#include "domain/message.h"

namespace countersign::domain {

/// What a voice says in a call with a code, in this order. Plain text: names are in it as people typed them, but on one
/// line, and without links and other codes.
struct SpokenCode {
  std::string ask;     ///< Who calls, and to press a key. Says nothing of the code: an answering machine may listen.
  std::string before;  ///< After the key: what the code approves, up to "your code is".
  std::string again;   ///< Between the two times that the digits are said.
  std::string after;   ///< Not to pass it on.
};

/// For a transaction: its title, amount, payee and destination (the short line, else the first line that is not blank).
/// [SMS-3, SMS-4] Of `parts` only the name and the locale are used; the locale is pt-BR, en or es, anything
/// else is treated as en.
[[nodiscard]] SpokenCode spoken_code(const Display& display, const MessageParts& parts);

/// For a text that exists already, of a code of the Verify-compatible API: what stands before the code and after it.
/// Also in fr, de and it. If `code` is not in it, all of it comes before.
[[nodiscard]] SpokenCode spoken_text(std::string_view text, std::string_view code, const MessageParts& parts);

/// Instead of the code, where it is no longer valid or was said already.
[[nodiscard]] std::string_view spoken_over(std::string_view locale);

}  // namespace countersign::domain
