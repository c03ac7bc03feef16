#include "usecase/verify_api/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "contact/message_text.h"
#include "contact/phone_number.h"
#include "domain/display.h"

namespace countersign::usecase::verify_api {

namespace {

struct Texts {
  std::string_view locale;
  std::string_view plain;
  std::string_view payment;
  std::string_view warning;
  std::string_view countries;  ///< Countries whose default language this is.
};

constexpr std::array kTexts{
    Texts{"en", "Your {{friendly_name}} verification code is: {{code}}",
          "Your {{friendly_name}} verification code to pay {{amount}} to {{payee}} is: {{code}}",
          "Don't share this code with anyone.", ""},
    Texts{"pt-BR", "Seu código de verificação de {{friendly_name}} é: {{code}}",
          "Seu código de {{friendly_name}} para pagar {{amount}} a {{payee}} é: {{code}}",
          "Não compartilhe este código com ninguém.", "BR PT AO MZ CV"},
    Texts{"es", "Tu código de verificación de {{friendly_name}} es: {{code}}",
          "Tu código de {{friendly_name}} para pagar {{amount}} a {{payee}} es: {{code}}",
          "No compartas este código con nadie.", "ES MX AR CO CL PE VE EC GT CU BO DO HN PY SV NI CR PA UY PR"},
    Texts{"fr", "Votre code de vérification {{friendly_name}} est : {{code}}",
          "Votre code {{friendly_name}} pour payer {{amount}} à {{payee}} est : {{code}}",
          "Ne partagez ce code avec personne.", "FR MC SN CI"},
    Texts{"de", "Ihr Bestätigungscode für {{friendly_name}} lautet: {{code}}",
          "Ihr Code für {{friendly_name}} zur Zahlung von {{amount}} an {{payee}} lautet: {{code}}",
          "Geben Sie diesen Code nicht weiter.", "DE AT LI"},
    Texts{"it", "Il tuo codice di verifica {{friendly_name}} è: {{code}}",
          "Il tuo codice {{friendly_name}} per pagare {{amount}} a {{payee}} è: {{code}}",
          "Non condividere questo codice con nessuno.", "IT SM VA"},
};

bool same_language(std::string_view a, std::string_view b) {
  const auto language = [](std::string_view tag) { return tag.substr(0, tag.find_first_of("-_")); };
  return equals_ignoring_case(language(a), language(b));
}

const Texts& texts_for(std::string_view locale) {
  const auto* const found =
      std::find_if(kTexts.begin(), kTexts.end(), [&](const Texts& t) { return same_language(t.locale, locale); });
  return found == kTexts.end() ? kTexts.front() : *found;
}

/// Calls `plain` with each piece of plain text, and `variable` with each variable's name.
template <class Text, class Variable>
void walk(std::string_view text, Text plain, Variable variable) {
  while (!text.empty()) {
    const auto open = text.find("{{");
    const auto close = open == std::string_view::npos ? open : text.find("}}", open);
    plain(text.substr(0, close == std::string_view::npos ? text.size() : open));
    if (close == std::string_view::npos) return;
    std::string_view name = text.substr(open + 2, close - open - 2);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    variable(name);
    text.remove_prefix(close + 2);
  }
}

bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 5> kOurs{"code", "friendly_name", "ttl", "amount", "payee"};
  return std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end();
}

constexpr std::size_t kWhole = 100'000;  // None of our texts is as long; its parts are bounded.
constexpr std::size_t kTemplateMax = 160;
constexpr std::size_t kSegmentsMax = 2;

/// Values from callers, and the whole text, go through the same function as messages of the native API: one line,
/// without links and without a second line from which a browser would read a code. [SMS-4]
std::string fill(std::string_view text, const TextRequest& request, const SecretString& code, int minutes,
                 std::size_t room) {
  std::string out;
  const auto put = [&](std::string_view value) { out += contact::sanitise_for_message(value, room); };
  walk(
      text, [&](std::string_view plain) { out += plain; },
      [&](std::string_view name) {
        if (name == "code")
          out += code.expose();
        else if (name == "friendly_name")
          put(request.friendly_name);
        else if (name == "ttl")
          out += std::to_string(minutes);
        else if (name == "amount")
          put(request.amount);
        else if (name == "payee")
          put(request.payee);
        else
          put(json_text(request.substitutions, name).value_or(""));
      });
  return contact::sanitise_for_message(out, kWhole);
}

/// Shortens values until the text fits; nothing if it is too long without them.
std::optional<std::string> fit(std::string_view text, const TextRequest& request, const SecretString& code,
                               int minutes) {
  for (const std::size_t room : std::array<std::size_t, 8>{100, 60, 40, 30, 24, 18, 12, 8}) {
    std::string out = fill(text, request, code, minutes, room);
    if (contact::measure_message(out).segments <= kSegmentsMax) return out;
  }
  return std::nullopt;
}

}  // namespace

std::string message_locale(std::string_view requested, std::string_view to) {
  if (!requested.empty()) return std::string(texts_for(requested).locale);
  const auto phone = contact::PhoneNumber::parse(to);
  if (!phone || phone->region().empty()) return "en";
  const auto* const found = std::find_if(kTexts.begin(), kTexts.end(), [&](const Texts& t) {
    return t.countries.find(phone->region()) != std::string_view::npos;
  });
  return std::string(found == kTexts.end() ? "en" : found->locale);
}

CodeText code_text(const TextRequest& request, const SecretString& code, int minutes) {
  const Texts& texts = texts_for(request.locale);
  const bool payment = !request.amount.empty();
  CodeText out;
  std::optional<std::string> body;
  if (request.template_text) body = fit(*request.template_text, request, code, minutes);
  if (!body) body = fit(payment ? texts.payment : texts.plain, request, code, minutes);
  out.body = body.value_or(code.expose());
  if (request.channel == contact::Channel::kEmail) {
    out.subject = fill(texts.plain, request, code, minutes, kWhole);
    return out;
  }
  if (request.channel != contact::Channel::kSms) return out;
  if (request.do_not_share) out.body.append(". ").append(texts.warning);
  if (!request.app_hash.empty()) out.body = fmt::format("<#> {}\n{}", out.body, request.app_hash);
  return out;
}

bool is_template(std::string_view text) {
  if (!domain::is_showable(text, kTemplateMax) || contact::sanitise_for_message(text, kTemplateMax) != text)
    return false;
  int codes = 0;
  walk(text, [](std::string_view) {}, [&](std::string_view name) { codes += int{name == "code"}; });
  return codes == 1;
}

bool are_substitutions(const json::object& substitutions) {
  constexpr std::size_t kValueMax = 100;
  return std::ranges::all_of(substitutions, [](const auto& entry) {
    return !entry.value().is_string() || domain::is_showable(entry.value().as_string(), kValueMax);
  });
}

bool is_sender_name(std::string_view name) {
  constexpr int kDigitsMax = 4;  // Twilio's rule for names of services: a name must not look like a code.
  return domain::is_showable(name, 30) && std::ranges::count_if(name, is_digit) <= kDigitsMax;
}

std::optional<std::string> missing_substitution(std::string_view template_text, const json::object& substitutions) {
  std::optional<std::string> missing;
  walk(
      template_text, [](std::string_view) {},
      [&](std::string_view name) {
        if (!missing && !is_ours(name) && !json_text(substitutions, name)) missing = std::string(name);
      });
  return missing;
}

json::object default_translations() {
  json::object all;
  for (const auto& texts : kTexts) all[texts.locale] = texts.plain;
  return all;
}

}  // namespace countersign::usecase::verify_api
