#include "domain/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "contact/message_text.h"
#include "contact/origin_bound.h"

namespace countersign::domain {

namespace {

struct Texts {
  std::string_view locale;
  std::string_view with_amount;  ///< {0} service, {1} code, {2} amount, {3} payee, {4} minutes
  std::string_view with_payee;   ///< {2} title, {3} payee
  std::string_view with_title;   ///< {2} title
  std::string_view subject;      ///< {0} service, {1} code, {2} title
  std::string_view add_app;
};

constexpr std::array kMessageTexts{
    Texts{"pt-BR", "{0}: {1} autoriza {2} para {3}. Vale {4} min. Não pediu? Não informe a ninguém.",
          "{0}: {1} confirma: {2}, {3}. Vale {4} min. Não informe a ninguém, nem ao suporte.",
          "{0}: {1} confirma: {2}. Vale {4} min. Não informe a ninguém, nem ao suporte.",
          "{1} é o seu código: {2} ({0})", "Novo aplicativo autenticador"},
    Texts{"en", "{0}: {1} authorises {2} to {3}. Valid {4} min. Not you? Do not share it.",
          "{0}: {1} confirms: {2}, {3}. Valid {4} min. Never share it, even with support.",
          "{0}: {1} confirms: {2}. Valid {4} min. Never share it, even with support.", "{1} is your code: {2} ({0})",
          "New authenticator app"},
    Texts{"es", "{0}: {1} autoriza {2} a {3}. Vale {4} min. ¿No fuiste tú? No lo compartas.",
          "{0}: {1} confirma: {2}, {3}. Vale {4} min. No lo compartas con nadie.",
          "{0}: {1} confirma: {2}. Vale {4} min. No lo compartas con nadie.", "{1} es tu código: {2} ({0})",
          "Nueva app de autenticación"},
};

const Texts& texts_for(std::string_view locale) {
  const auto by_language = [&](const Texts& t) { return t.locale.substr(0, 2) == locale.substr(0, 2); };
  const auto found = std::find_if(kMessageTexts.begin(), kMessageTexts.end(), by_language);
  return found != kMessageTexts.end() ? *found : kMessageTexts[1];
}

/// How many characters of each name a message has room for.
struct Room {
  std::size_t text;  ///< Title and payee.
  std::size_t service = 30;
};

/// The sentence, with names cut to their room.
std::string sentence(const Display& display, std::string_view code, const MessageParts& parts, const Room& room) {
  const Texts& texts = texts_for(parts.locale);
  const std::string service = contact::sanitise_for_message(parts.service_name, room.service);
  const std::string title = contact::sanitise_for_message(display.title, room.text);
  const std::string payee = contact::sanitise_for_message(display.payee, room.text);
  if (display.amount && !display.payee.empty()) {
    return fmt::format(fmt::runtime(texts.with_amount), service, code, format_amount(*display.amount, parts.locale),
                       payee, parts.valid_minutes);
  }
  if (!display.payee.empty()) {
    return fmt::format(fmt::runtime(texts.with_payee), service, code, title, payee, parts.valid_minutes);
  }
  return fmt::format(fmt::runtime(texts.with_title), service, code, title, payee, parts.valid_minutes);
}

std::string text_message(const Display& display, std::string_view code, const MessageParts& parts, const Room& room) {
  std::string text = contact::to_gsm7(sentence(display, code, parts, room));
  if (parts.origin_host.empty()) return text;
  return contact::bind_to_origin(text, parts.origin_host, code).value_or(text);
}

}  // namespace

SecretString code_message(contact::Channel channel, const Display& display, std::string_view code,
                          const MessageParts& parts) {
  if (channel != contact::Channel::kSms) return SecretString(sentence(display, code, parts, {140}));
  // Names give way until the message fits one segment; the code, the amount and the warning never do.
  std::string text;
  for (const Room& room :
       {Room{60}, Room{40}, Room{30}, Room{24}, Room{18}, Room{18, 18}, Room{12, 12}, Room{8, 8}, Room{4, 4}}) {
    text = text_message(display, code, parts, room);
    if (contact::measure_message(text).segments == 1) break;
  }
  return SecretString(std::move(text));
}

std::size_t longest_text_message(std::string_view service_name, std::string_view origin_host, std::size_t code_length) {
  // The bounds of display_fault; a foreign currency is written with its three letters.
  const std::string title(120, 'W');
  const std::string payee(140, 'W');
  const std::string code(code_length, '0');
  const Display shortest_sentence{title, std::nullopt, "", {}};
  const Display longest_sentence{title, Amount{"999999999999999.9999", "USD"}, payee, {}};
  std::size_t longest = 0;
  for (const Texts& texts : kMessageTexts) {
    for (const Display* display : {&shortest_sentence, &longest_sentence}) {
      const auto text =
          code_message(contact::Channel::kSms, *display, code, {service_name, texts.locale, origin_host, 10});
      longest = std::max(longest, contact::measure_message(text.expose()).units);
    }
  }
  return longest;
}

std::string_view add_app_title(std::string_view locale) { return texts_for(locale).add_app; }

std::string code_subject(const Display& display, std::string_view code, const MessageParts& parts) {
  return fmt::format(fmt::runtime(texts_for(parts.locale).subject),
                     contact::sanitise_for_message(parts.service_name, 30), code,
                     contact::sanitise_for_message(display.title, 60));
}

}  // namespace countersign::domain
