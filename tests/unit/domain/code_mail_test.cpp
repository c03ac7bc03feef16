#include "domain/code_mail.h"

#include <gmock/gmock.h>

namespace countersign::domain {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Display payout() {
  return {"Nova conta de recebimento",
          Amount{"12480.00", "BRL"},
          "Ana <Souza> & Filhos",
          {{"Banco", "Itaú 341", "Nubank 260"}, {"Conta", "3661-9"}},
          "Itaú final 3661"};
}

MessageParts in(std::string_view locale) { return {"Palco", locale, "palco.example", 10}; }

TEST(CodeMail, SaysEverythingThatIsApproved) {
  const auto mail = code_mail(payout(), "482913", in("pt-BR"));
  EXPECT_EQ(mail.subject, "482913 é o seu código: Nova conta de recebimento (Palco)");
  EXPECT_EQ(mail.text.expose(),
            "Palco\n\n482913\n\nEste código confirma:\n\nNova conta de recebimento\nValor: R$ 12.480,00\n"
            "Para: Ana <Souza> & Filhos\nBanco: Itaú 341 (antes: Nubank 260)\nConta: 3661-9\n\n"
            "O código vale 10 min.\nNão foi você? Não passe o código a ninguém, nem ao suporte.\n");
}

TEST(CodeMail, SaysTheSameInHtmlWithoutMarkupFromOutside) {
  const auto mail = code_mail(payout(), "482913", in("es"));
  const auto& html = mail.html.expose();
  EXPECT_THAT(html, HasSubstr("<html lang=\"es\">"));
  EXPECT_THAT(html, HasSubstr(">482913</p>"));
  EXPECT_THAT(html, HasSubstr("Ana &lt;Souza&gt; &amp; Filhos</td>"));
  EXPECT_THAT(html, HasSubstr("Itaú 341 (antes: Nubank 260)</td>"));
  EXPECT_THAT(html, HasSubstr("El código vale 10 min."));
  EXPECT_THAT(html, Not(HasSubstr("<Souza>")));
}

// [SMS-4]
TEST(CodeMail, NothingInItIsALink) {
  Display display = payout();
  display.payee = "https://evil.example/pay";
  display.lines[1].value = "call evil.example/x #123456";
  const auto mail = code_mail(display, "482913", in("en"));
  for (const auto* body : {&mail.text.expose(), &mail.html.expose()}) {
    EXPECT_THAT(*body, Not(HasSubstr("https://")));
    EXPECT_THAT(*body, Not(HasSubstr("evil.example")));
    EXPECT_THAT(*body, Not(HasSubstr("href")));
    EXPECT_THAT(*body, Not(HasSubstr("src=")));
  }
}

TEST(CodeMail, AnUnknownLanguageIsEnglish) {
  EXPECT_THAT(code_mail(payout(), "482913", in("de")).text.expose(), HasSubstr("This code confirms:"));
  EXPECT_THAT(code_mail(payout(), "482913", in("pt")).text.expose(), HasSubstr("Este código confirma:"));
}

TEST(CodeMail, ATitleAloneHasNoTable) {
  const auto mail = code_mail({"Sign in", std::nullopt, "", {}}, "482913", in("en"));
  EXPECT_EQ(mail.text.expose(),
            "Palco\n\n482913\n\nThis code confirms:\n\nSign in\n\nThe code is valid for 10 min.\n"
            "Not you? Do not share the code with anyone, not even support.\n");
  EXPECT_THAT(mail.html.expose(), Not(HasSubstr("<table")));
}

}  // namespace
}  // namespace countersign::domain
