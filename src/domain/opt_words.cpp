#include "domain/opt_words.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"

namespace countersign::domain {

namespace {

// YES is among Twilio's words; SIM and SÍ are left out, since people answer other questions with them.
constexpr std::array<std::string_view, 20> kStop{
    "stop", "stopall", "unsubscribe", "cancel",   "end",     "quit",         "revoke", "optout", "remove",  "stopp",
    "sair", "parar",   "pare",        "cancelar", "remover", "descadastrar", "baja",   "salir",  "detener", "alto"};
constexpr std::array<std::string_view, 8> kStart{"start",   "yes",    "unstop", "optin",
                                                 "iniciar", "voltar", "volver", "alta"};

/// Longer than any of the words, with room for what stands around it.
constexpr std::size_t kLongest = 64;

bool is_around(char c) {
  constexpr std::string_view kAround = " \t\r\n.,;:!?'\"()[]<>*_-";
  return kAround.contains(c);
}

}  // namespace

std::optional<OptWord> opt_word(std::string_view text) {
  if (text.size() > kLongest) return std::nullopt;
  std::string word = lower_case(text);
  std::erase_if(word, is_around);
  if (std::ranges::find(kStop, word) != kStop.end()) return OptWord::kStop;
  if (std::ranges::find(kStart, word) != kStart.end()) return OptWord::kStart;
  return std::nullopt;
}

}  // namespace countersign::domain
