#include "domain/code_mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/html_text.h"
#include "contact/mail_html.h"
#include "domain/sms_words.h"

namespace countersign::domain {

namespace {

struct MailTexts {
  std::string_view locale;
  std::string_view code_is_for;
  std::string_view amount;
  std::string_view payee;
  std::string_view replaces;  ///< {0} the value before
  std::string_view validity;  ///< {0} minutes
  std::string_view warning;
};

constexpr std::array kMailTexts{
    MailTexts{"pt-BR", "Este código confirma:", "Valor", "Para", "antes: {0}", "O código vale {0} min.",
              "Não foi você? Não passe o código a ninguém, nem ao suporte."},
    MailTexts{"en", "This code confirms:", "Amount", "To", "before: {0}", "The code is valid for {0} min.",
              "Not you? Do not share the code with anyone, not even support."},
    MailTexts{"es", "Este código confirma:", "Monto", "Para", "antes: {0}", "El código vale {0} min.",
              "¿No fuiste tú? No compartas el código con nadie, ni con soporte."},
};

const MailTexts& mail_texts_for(std::string_view locale) {
  const auto found =
      std::ranges::find(kMailTexts, locale.substr(0, 2), [](const MailTexts& t) { return t.locale.substr(0, 2); });
  return found != kMailTexts.end() ? *found : kMailTexts[1];
}

constexpr std::size_t kValueMax = 200;  // The longest text of a display.

/// A name or value from outside, with nothing in it that a mail program would turn into a link or read as the code.
std::string plain(std::string_view text) { return spelled_name(text, kValueMax, Spelling::kAsSpelled).value_or(""); }

struct Fact {
  std::string label;
  std::string value;
};

std::vector<Fact> facts_of(const Display& display, const MessageParts& parts, const MailTexts& texts) {
  std::vector<Fact> facts;
  if (display.amount) facts.push_back({std::string(texts.amount), format_amount(*display.amount, parts.locale)});
  if (!display.payee.empty()) facts.push_back({std::string(texts.payee), plain(display.payee)});
  for (const DisplayLine& line : display.lines) {
    std::string value = plain(line.value);
    if (line.replaces()) value += fmt::format(" ({})", fmt::format(fmt::runtime(texts.replaces), plain(line.previous)));
    facts.push_back({plain(line.label), std::move(value)});
  }
  return facts;
}

std::string as_text(const std::vector<std::string>& said, const std::vector<Fact>& facts, std::string_view service,
                    std::string_view code, std::string_view title) {
  std::string out = fmt::format("{}\n\n{}\n\n{}\n\n{}\n", service, code, said[0], title);
  for (const Fact& fact : facts) out += fmt::format("{}: {}\n", fact.label, fact.value);
  out += fmt::format("\n{}\n{}\n", said[1], said[2]);
  return out;
}

std::string as_html(const std::vector<std::string>& said, const std::vector<Fact>& facts, std::string_view service,
                    std::string_view code, std::string_view title, std::string_view locale) {
  std::string out = fmt::format(
      "<p>{}</p>\n<p style=\"font:600 32px/1.2 ui-monospace,monospace;letter-spacing:2px\">{}</p>\n<p>{}</p>\n"
      "<h1 style=\"font-size:18px\">{}</h1>\n",
      html_escaped(service), html_escaped(code), html_escaped(said[0]), html_escaped(title));
  if (!facts.empty()) {
    out += "<table style=\"border-collapse:collapse\">\n";
    for (const Fact& fact : facts)
      out += fmt::format(
          "<tr><th scope=\"row\" style=\"padding:4px 16px 4px "
          "0;text-align:left;vertical-align:top;font-weight:400\">{}</th>"
          "<td style=\"padding:4px 0;font-weight:600;overflow-wrap:anywhere\">{}</td></tr>\n",
          html_escaped(fact.label), html_escaped(fact.value));
    out += "</table>\n";
  }
  out += fmt::format("<p>{}</p>\n<p>{}</p>\n", html_escaped(said[1]), html_escaped(said[2]));
  return contact::mail_document(locale, service, out);
}

}  // namespace

CodeMail code_mail(const Display& display, std::string_view code, const MessageParts& parts) {
  const MailTexts& texts = mail_texts_for(parts.locale);
  const std::vector<std::string> said{std::string(texts.code_is_for),
                                      fmt::format(fmt::runtime(texts.validity), parts.valid_minutes),
                                      std::string(texts.warning)};
  const auto facts = facts_of(display, parts, texts);
  const std::string service = plain(parts.service_name);
  const std::string title = plain(display.title);
  return {code_subject(display, code, parts), SecretString(as_text(said, facts, service, code, title)),
          SecretString(as_html(said, facts, service, code, title, texts.locale))};
}

}  // namespace countersign::domain
