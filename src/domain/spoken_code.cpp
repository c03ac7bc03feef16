#include "domain/spoken_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "contact/message_text.h"
#include "domain/sms_words.h"

namespace countersign::domain {

namespace {

struct SpokenTexts {
  std::string_view locale;
  std::string_view from;      ///< {0} service
  std::string_view ask;       ///< {0} `from`, or nothing
  std::string_view approves;  ///< {0} title
  std::string_view amount;    ///< {0} amount
  std::string_view payee;     ///< {0} to whom
  std::string_view code_is;
  std::string_view again;
  std::string_view keep;
  std::string_view over;
};

// The last three are only for texts of the Verify-compatible API, which approve nothing of ours.
constexpr std::array kSpokenTexts{
    SpokenTexts{
        "pt-BR", " de {0}",
        "Olá. Esta é uma ligação automática{0}. Para ouvir o seu código, aperte qualquer tecla. Se você não pediu "
        "um código, desligue.",
        "Este código autoriza: {0}.", "Valor: {0}.", "Para: {0}.",
        "O seu código é:", "De novo:", "Não passe este código a ninguém, nem a quem disser que é do suporte.",
        "Este código não vale mais. Peça outro na página."},
    SpokenTexts{"en", " from {0}",
                "Hello. This is an automated call{0}. To hear your code, press any key. If you did not ask for a code, "
                "hang up.",
                "This code approves: {0}.", "Amount: {0}.", "To: {0}.", "Your code is:", "Once more:",
                "Never share this code, even with someone who says they are from support.",
                "This code is no longer valid. Ask for a new one on the page."},
    SpokenTexts{
        "es", " de {0}",
        "Hola. Esta es una llamada automática{0}. Para escuchar tu código, presiona cualquier tecla. Si no pediste "
        "un código, cuelga.",
        "Este código autoriza: {0}.", "Monto: {0}.", "Para: {0}.",
        "Tu código es:", "De nuevo:", "No le des este código a nadie, ni a quien diga que es de soporte.",
        "Este código ya no es válido. Pide uno nuevo en la página."},
    SpokenTexts{"fr", " de {0}",
                "Bonjour. Ceci est un appel automatique{0}. Pour entendre votre code, appuyez sur une touche. Si "
                "vous n'avez pas demandé de code, raccrochez.",
                "", "", "", "", "Je répète :", "", "Ce code n'est plus valable."},
    SpokenTexts{"de", " von {0}",
                "Guten Tag. Dies ist ein automatischer Anruf{0}. Um Ihren Code zu hören, drücken Sie eine Taste. "
                "Wenn Sie keinen Code angefordert haben, legen Sie auf.",
                "", "", "", "", "Noch einmal:", "", "Dieser Code ist nicht mehr gültig."},
    SpokenTexts{"it", " di {0}",
                "Buongiorno. Questa è una chiamata automatica{0}. Per ascoltare il codice, premi un tasto. Se non "
                "hai chiesto un codice, riaggancia.",
                "", "", "", "", "Ripeto:", "", "Questo codice non è più valido."},
};
constexpr std::size_t kOurLanguages = 3;

const SpokenTexts& spoken_texts(std::string_view locale, std::size_t languages) {
  const auto end = kSpokenTexts.begin() + static_cast<std::ptrdiff_t>(languages);
  const auto found = std::find_if(kSpokenTexts.begin(), end,
                                  [&](const SpokenTexts& t) { return t.locale.substr(0, 2) == locale.substr(0, 2); });
  return found == end ? kSpokenTexts[1] : *found;
}

// A voice has room for the longest title, payee and line that a display may have.
constexpr std::size_t kNameMost = 64;
constexpr std::size_t kLineMost = 200;

std::string said(std::string_view name, std::size_t most) {
  return spelled_name(name, most, Spelling::kAsSpelled).value_or("");
}

std::string ask_of(const SpokenTexts& texts, const MessageParts& parts) {
  const std::string name = said(parts.service_name, kNameMost);
  return fmt::format(fmt::runtime(texts.ask), name.empty() ? "" : fmt::format(fmt::runtime(texts.from), name));
}

std::string_view destination_of(const Display& display) {
  if (says_something(display.short_line)) return display.short_line;
  const auto line = std::ranges::find_if(display.lines, [](const DisplayLine& l) { return says_something(l.value); });
  return line == display.lines.end() ? std::string_view() : std::string_view(line->value);
}

}  // namespace

SpokenCode spoken_code(const Display& display, const MessageParts& parts) {
  const SpokenTexts& texts = spoken_texts(parts.locale, kOurLanguages);
  std::string before;
  const auto say = [&](std::string_view sentence, const std::string& what) {
    if (!what.empty()) before += fmt::format(fmt::runtime(sentence), what) + ' ';
  };
  say(texts.approves, said(display.title, kLineMost));
  if (display.amount) say(texts.amount, format_amount(*display.amount, parts.locale));
  say(texts.payee, said(display.payee, kLineMost));
  say("{0}.", said(destination_of(display), kLineMost));
  return {ask_of(texts, parts), before.append(texts.code_is), std::string(texts.again), std::string(texts.keep)};
}

SpokenCode spoken_text(std::string_view text, std::string_view code, const MessageParts& parts) {
  const SpokenTexts& texts = spoken_texts(parts.locale, kSpokenTexts.size());
  const auto at = code.empty() ? std::string_view::npos : text.find(code);
  const auto trimmed = [](std::string_view words) { return contact::sanitise_for_message(words, kLineMost * 4); };
  std::string after = at == std::string_view::npos ? "" : trimmed(text.substr(at + code.size()));
  if (std::ranges::all_of(after, [](char c) { return c == '.' || c == ' '; })) after.clear();
  return {ask_of(texts, parts), trimmed(text.substr(0, at)), std::string(texts.again), std::move(after)};
}

std::string_view spoken_over(std::string_view locale) { return spoken_texts(locale, kSpokenTexts.size()).over; }

}  // namespace countersign::domain
