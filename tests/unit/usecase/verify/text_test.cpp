#include "usecase/verify/text.h"

#include <gtest/gtest.h>

namespace countersign::usecase::verify {

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

}  // namespace

}  // namespace countersign::usecase::verify
