#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace countersign::domain {

/// What somebody wants who answers one of our messages.
enum class OptWord : std::uint8_t {
  kStop,   ///< No more messages.
  kStart,  ///< Messages again.
};

/// Of a text message, in UTF-8. Only a word alone counts, in any case, with spaces or punctuation around it: the words
/// that Twilio and carriers take for it (STOP, START and kin), and those of our languages (SAIR, PARAR, BAJA, …).
/// nullopt for everything else, however it begins: a sentence is for a person to read. The words are in
/// docs/carriers.md. [ADR 48]
[[nodiscard]] std::optional<OptWord> opt_word(std::string_view text);

}  // namespace countersign::domain
