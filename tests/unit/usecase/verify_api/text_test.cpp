#include "usecase/verify_api/text.h"

#include <gtest/gtest.h>

#include "contact/message_text.h"
#include "domain/display.h"

namespace countersign::usecase::verify_api {

namespace {

TextRequest text_of(std::string_view friendly_name) {
  TextRequest request;
  request.locale = "en";
  request.friendly_name = friendly_name;
  return request;
}

TEST(VerifyText, SpeaksTheLanguageAskedForOrThatOfTheNumber) {
  EXPECT_EQ(message_locale("", "+5511987654321"), "pt-BR");
  EXPECT_EQ(message_locale("", "+34612345678"), "es");
  EXPECT_EQ(message_locale("", "+15017122661"), "en");
  EXPECT_EQ(message_locale("", "ana@example.com"), "en");
  EXPECT_EQ(message_locale("DE", "+5511987654321"), "de");
  EXPECT_EQ(message_locale("pt", "+15017122661"), "pt-BR");
  EXPECT_EQ(message_locale("zz", "+5511987654321"), "en");
}

TEST(VerifyText, SaysWhatTwilioSays) {
  TextRequest request = text_of("My Shop");
  EXPECT_EQ(code_text(request, SecretString("123456"), 10).body, "Your My Shop verification code is: 123456");
  request.app_hash = "FA+9qCX9VSu";
  EXPECT_EQ(code_text(request, SecretString("123456"), 10).body,
            "<#> Your My Shop verification code is: 123456\nFA+9qCX9VSu");
}

TEST(VerifyText, FillsTemplatesAndOnlyOnce) {
  TextRequest request = text_of("Shop");
  request.template_text = "{{ name }}, {{code}} for {{friendly_name}}, {{ttl}} min {{";
  request.substitutions = {{"name", "{{code}}"}};
  EXPECT_EQ(code_text(request, SecretString("42"), 7).body, "{{code}}, 42 for Shop, 7 min {{");
  EXPECT_EQ(missing_substitution(*request.template_text, request.substitutions), std::nullopt);
  EXPECT_EQ(missing_substitution("{{code}} {{name}} {{order}}", request.substitutions), "order");
}

TEST(VerifyText, IsOneLineWithoutLinksAndWithOneCodeWhateverIsFilledIn) {
  for (const char* evil : {"a\nb", "https://evil.example/x", "evil.example/x", "x\n@evil.example #123456",
                           "\xE2\x80\xAE"
                           "cba",
                           "a\tb\rc\xE2\x80\xA8"
                           "d"}) {
    TextRequest request = text_of(evil);
    request.amount = request.payee = evil;
    request.substitutions = {{"order", evil}};
    // A template of an older version, which nobody checked when it was stored.
    for (const std::optional<std::string>& text :
         {std::optional<std::string>(), std::optional<std::string>("{{code}}\n{{order}}\n@evil.example #{{code}}")}) {
      request.template_text = text;
      const std::string body = code_text(request, SecretString("481516"), 10).body;
      EXPECT_NE(body.find("481516"), std::string::npos) << evil;
      EXPECT_TRUE(domain::is_showable(body, 1'000)) << body;
      EXPECT_EQ(body.find("evil.example"), std::string::npos) << body;
      EXPECT_EQ(body.find("://"), std::string::npos) << body;
      EXPECT_EQ(body.find('#'), std::string::npos) << body;
    }
  }
}

TEST(VerifyText, IsTwoSegmentsAtMostAndNamesGiveWayToTheCode) {
  TextRequest request = text_of(std::string(30, 'W'));
  request.amount = std::string(50, '9');
  request.payee = std::string(4'000, 'p');
  request.substitutions = {{"order", std::string(4'000, 'x')}};
  for (const std::optional<std::string>& text :
       {std::optional<std::string>(), std::optional<std::string>("{{order}} {{order}} {{order}} {{code}}"),
        std::optional<std::string>(std::string(4'000, 'x') + "{{code}}")}) {
    request.template_text = text;
    const std::string body = code_text(request, SecretString("481516"), 10).body;
    EXPECT_LE(contact::measure_message(body).segments, 2U) << body;
    EXPECT_NE(body.find("481516"), std::string::npos) << body;
  }
}

TEST(VerifyText, ATemplateHasOneCodeAndNothingThatWouldBeTakenOutOfIt) {
  EXPECT_TRUE(is_template("Your {{friendly_name}} code is {{code}}, {{ttl}} min"));
  for (const std::string& text :
       {std::string("Hello"), std::string("{{code}} {{code}}"), std::string("{{code}}\n@a.b #1"),
        std::string("{{code}} at https://evil.example"), std::string("{{code}} at evil.example"),
        "{{code}}" + std::string(160, 'x'), std::string("\xE2\x80\xAE{{code}}")}) {
    EXPECT_FALSE(is_template(text)) << text;
  }
}

}  // namespace

}  // namespace countersign::usecase::verify_api
