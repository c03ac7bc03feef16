#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::domain {

/// Spelling of a text message: in GSM-7 with nearest characters, or in UCS-2 unchanged.
enum class Spelling : std::uint8_t { kGsm7, kAsSpelled };

/// An external name for use in a message: one line, at most `room` characters (in GSM-7 as many septets, including the
/// three full stops of a cut), without links or second codes in the sent form. nullopt if it cannot be spelled this
/// way.
[[nodiscard]] std::optional<std::string> spelled_name(std::string_view name, std::size_t room, Spelling spelling);

/// Whether a name is the same in a message as on the page, in either spelling: nothing in it is taken apart as a link
/// or a code.
[[nodiscard]] bool stands_unaltered(std::string_view name);

/// Whether a letter or digit remains in either spelling.
[[nodiscard]] bool says_something(std::string_view name);

/// Our own words. GSM-7 has é and à but neither ã nor í, and half of a sentence's accents reads worse than none: in
/// GSM-7, vowels lose their accents (`Nao passe a ninguem`). ñ and ¿ stay.
[[nodiscard]] std::string spelled_words(std::string_view words, Spelling spelling);

}  // namespace countersign::domain
