#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::domain {

/// How a text message is written: in GSM-7 with what comes near, or in UCS-2 as it is spelled.
enum class Spelling : std::uint8_t { kGsm7, kAsSpelled };

/// A name from outside as it stands in a message: one line, at most `room` characters (in GSM-7 the septets of so many
/// with the three full stops of a cut), and no link or second code in what is sent. Nothing where it cannot be spelled
/// so.
[[nodiscard]] std::optional<std::string> spelled_name(std::string_view name, std::size_t room, Spelling spelling);

/// Whether a name stands in a message as on the page, however it is spelled: nothing in it would be taken apart as a
/// link or a code.
[[nodiscard]] bool stands_unaltered(std::string_view name);

/// Whether a letter or digit of it is there in either spelling.
[[nodiscard]] bool says_something(std::string_view name);

/// Our own words. GSM-7 has é and à but neither ã nor í, and half of a sentence's accents reads worse than none: in it
/// vowels stand plain (`Nao passe a ninguem`). ñ and ¿ stay.
[[nodiscard]] std::string spelled_words(std::string_view words, Spelling spelling);

}  // namespace countersign::domain
