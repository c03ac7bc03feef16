#include "html/catalogue.h"

#include <gtest/gtest.h>

#include <array>

namespace countersign::html {
namespace {

std::string fault(std::string_view en, std::string_view es) {
  const std::array<EmbeddedFile, 2> files{{{"en.json", en}, {"es.json", es}}};
  const auto loaded = Catalogue::load(files);
  return loaded ? "" : loaded.error();
}

TEST(Catalogue, EveryLanguageHasTheSameKeysParametersAndForms) {
  EXPECT_EQ(fault("{\"a\": \"x {n}\"}", "{\"a\": \"y {n}\"}"), "");
  EXPECT_NE(fault("{\"a\": \"x\", \"b\": \"x\"}", "{\"a\": \"y\"}"), "");
  EXPECT_NE(fault("{\"a\": \"x\"}", "{\"a\": \"y\", \"b\": \"y\"}"), "");
  EXPECT_NE(fault("{\"a\": \"x {n}\"}", "{\"a\": \"y {m}\"}"), "");
  EXPECT_NE(fault("{\"a\": \"x {n}\"}", "{\"a\": {\"one\": \"1\", \"other\": \"{n}\"}}"), "");
  EXPECT_NE(fault("{\"a\": {\"one\": \"1\"}}", "{\"a\": {\"one\": \"1\"}}"), "");
  EXPECT_NE(fault("{\"a\": \"\"}", "{\"a\": \"\"}"), "");
  EXPECT_NE(fault("[]", "{}"), "");
}

TEST(Catalogue, TheTextsOfTheProgramFitTogether) {
  const Catalogue& texts = built_in_catalogue();
  ASSERT_EQ(texts.languages().size(), 3U);
  for (const auto& language : texts.languages()) {
    for (const auto& key : texts.keys()) {
      const std::string text = language.text(key, [](std::string_view) { return std::string("2"); });
      EXPECT_EQ(text.find('!'), std::string::npos) << language.tag() << ' ' << key;
      EXPECT_EQ(text.find_first_of("{}<>"), std::string::npos) << language.tag() << ' ' << key;
      EXPECT_EQ(text.find("  "), std::string::npos) << language.tag() << ' ' << key;
    }
  }
}

TEST(Catalogue, PluralFormsFollowTheNumber) {
  const Catalogue& texts = built_in_catalogue();
  const auto left = [&](std::string_view tag, const char* n) {
    return texts.find(tag)->text("attempts_left", {{"n", n}});
  };
  EXPECT_EQ(left("pt-BR", "1"), "Resta 1 tentativa.");
  EXPECT_EQ(left("pt-BR", "2"), "Restam 2 tentativas.");
  EXPECT_EQ(left("en", "1"), "1 attempt left.");
  EXPECT_EQ(left("es", "0"), "Te quedan 0 intentos.");
}

TEST(Catalogue, ALanguageIsFoundByItsTagOrItsFirstPart) {
  const Catalogue& texts = built_in_catalogue();
  EXPECT_EQ(texts.find("pt-br")->tag(), "pt-BR");
  EXPECT_EQ(texts.find("pt-PT")->tag(), "pt-BR");
  EXPECT_EQ(texts.find("es-419")->tag(), "es");
  EXPECT_EQ(texts.find("fr"), nullptr);
  EXPECT_EQ(texts.find(""), nullptr);
}

TEST(Catalogue, TheBrowserAsksAndWeights) {
  const Catalogue& texts = built_in_catalogue();
  const auto asked = [&](std::string_view header) {
    const Language* language = texts.negotiate(header);
    return language == nullptr ? "" : language->tag();
  };
  EXPECT_EQ(asked("fr-FR, es;q=0.5, en;q=0.9"), "en");
  EXPECT_EQ(asked("pt-BR,pt;q=0.9,en;q=0.8"), "pt-BR");
  EXPECT_EQ(asked("es-MX"), "es");
  EXPECT_EQ(asked("en;q=0, es;q=0.1"), "es");
  EXPECT_EQ(asked("de, *"), "");
  EXPECT_EQ(asked(""), "");
  EXPECT_EQ(asked(",,;;q=x,=,"), "");
}

}  // namespace
}  // namespace countersign::html
