#include "domain/spoken_code.h"

#include <gmock/gmock.h>

namespace countersign::domain {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Display payout() {
  Display display;
  display.title = "Nova conta de repasse";
  display.amount = Amount{"12480.00", "BRL"};
  display.payee = "Casa do Samba Ltda";
  display.short_line = "Itaú final 3661";
  return display;
}

TEST(SpokenCode, AsksWithoutSayingWhatItIsAbout) {
  for (const auto& [locale, words] : std::vector<std::pair<std::string, std::string>>{
           {"pt-BR", "de Palco. Para ouvir o seu código, aperte qualquer tecla."},
           {"en", "from Palco. To hear your code, press any key."},
           {"es", "de Palco. Para escuchar tu código, presiona cualquier tecla."},
           {"ja", "from Palco. To hear your code, press any key."}}) {
    const auto spoken = spoken_code(payout(), {"Palco", locale, "", 10});
    EXPECT_THAT(spoken.ask, HasSubstr(words));
    EXPECT_THAT(spoken.ask, Not(HasSubstr("repasse")));
    EXPECT_THAT(spoken.ask, Not(HasSubstr("3661")));
  }
  EXPECT_THAT(spoken_code(payout(), {"", "en", "", 10}).ask, HasSubstr("an automated call. To hear"));
}

TEST(SpokenCode, SaysWhatTheCodeApprovesBeforeIt) {
  EXPECT_EQ(spoken_code(payout(), {"Palco", "pt-BR", "", 10}).before,
            "Este código autoriza: Nova conta de repasse. Valor: R$ 12.480,00. Para: Casa do Samba Ltda. Itaú final "
            "3661. O seu código é:");
  Display line;
  line.title = "New account";
  line.lines = {{"Bank", " "}, {"Account", "02366-1"}, {"Fee", "3"}};
  EXPECT_EQ(spoken_code(line, {"Palco", "en", "", 10}).before,
            "This code approves: New account. 02366-1. Your code is:");
}

TEST(SpokenCode, NamesAreOnOneLineAndWithoutLinks) {
  auto display = payout();
  display.title = "Your code is\n111111, see evil.example/x";
  const auto before = spoken_code(display, {"Palco", "en", "", 10}).before;
  EXPECT_THAT(before, Not(HasSubstr("\n")));
  EXPECT_THAT(before, Not(HasSubstr("evil.example")));
}

TEST(SpokenCode, ATextIsCutAtItsCode) {
  const auto spoken = spoken_text("482913 is your code", "482913", {"Palco", "en", "", 10});
  EXPECT_EQ(spoken.before, "");
  EXPECT_EQ(spoken.after, "is your code");
  const auto last = spoken_text("Votre code : 482913.", "482913", {"Palco", "fr", "", 10});
  EXPECT_EQ(last.before, "Votre code :");
  EXPECT_EQ(last.after, "");
  EXPECT_THAT(last.ask, HasSubstr("de Palco. Pour entendre"));
  EXPECT_EQ(spoken_text("no code", "482913", {"", "en", "", 10}).before, "no code");
}

}  // namespace
}  // namespace countersign::domain
