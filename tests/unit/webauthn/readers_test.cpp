#include <gtest/gtest.h>

#include <set>

#include "unit/webauthn/cose.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/client_data.h"

// Client data and authenticator data at their bounds.
namespace countersign::webauthn {
namespace {

using namespace std::string_literals;

std::string data_with(unsigned flags, std::string_view rest = {}) {
  return std::string(32, 'h') + static_cast<char>(flags) + "\x80\x00\x00\x01"s + std::string(rest);
}

std::string credential_with(std::size_t id_size, std::string_view key) {
  return std::string(16, 'a') + static_cast<char>(id_size >> 8) + static_cast<char>(id_size & 0xFF) +
         std::string(id_size, 'i') + std::string(key);
}

std::string data_word(const std::string& bytes) {
  const auto data = parse_authenticator_data(bytes);
  return data ? "ok" : std::string(refusal_word(data.error()));
}

// [WA-A12]
TEST(AuthenticatorData, WithoutCredential) {
  const std::string bytes = data_with(0x05);
  ASSERT_EQ(bytes.size(), 37U);
  const auto data = parse_authenticator_data(bytes);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->bytes, bytes);
  EXPECT_EQ(data->rp_id_hash, std::string(32, 'h'));
  EXPECT_EQ(data->flags, (AuthenticatorFlags{true, true, false, false}));
  EXPECT_EQ(data->sign_count, 0x80000001U);
  EXPECT_FALSE(data->credential);
  EXPECT_FALSE(data->extensions);
  EXPECT_EQ(data_word(bytes.substr(0, 36)), "authenticator_data_malformed");
  EXPECT_EQ(data_word(bytes + "x"), "authenticator_data_malformed");
}

TEST(AuthenticatorData, EachFlagIsItsBit) {
  EXPECT_TRUE(parse_authenticator_data(data_with(0x01))->flags.user_present);
  EXPECT_TRUE(parse_authenticator_data(data_with(0x04))->flags.user_verified);
  EXPECT_TRUE(parse_authenticator_data(data_with(0x08))->flags.backup_eligible);
  EXPECT_TRUE(parse_authenticator_data(data_with(0x10))->flags.backed_up);
  EXPECT_EQ(parse_authenticator_data(data_with(0x22))->flags, AuthenticatorFlags{});  // reserved
}

// [WA-R15, WA-R20]
TEST(AuthenticatorData, CredentialAndExtensions) {
  const std::string key = testing::p256_cose();
  const std::string both = data_with(0xC1, credential_with(3, key) + "\xa1\x61x\xf5");
  const auto data = parse_authenticator_data(both);
  ASSERT_TRUE(data && data->credential && data->extensions);
  EXPECT_EQ(data->credential->aaguid, std::string(16, 'a'));
  EXPECT_EQ(data->credential->id, "iii");
  EXPECT_EQ(data->credential->public_key, key);
  EXPECT_NE(data->extensions->find("x"), nullptr);

  EXPECT_EQ(data_word(data_with(0x41, credential_with(1023, key))), "ok");
  EXPECT_EQ(data_word(data_with(0x41, credential_with(1024, key))), "credential_id_too_long");
  EXPECT_EQ(data_word(data_with(0x41, credential_with(0xFFFF, key))), "credential_id_too_long");
  EXPECT_EQ(data_word(data_with(0x41, credential_with(3, "\x01"))), "authenticator_data_malformed");
  EXPECT_EQ(data_word(data_with(0x81, "\x80")), "authenticator_data_malformed");
  EXPECT_EQ(data_word(data_with(0x81, "\xa0\xa0")), "authenticator_data_malformed");
  EXPECT_EQ(data_word(data_with(0x41, std::string(17, 'a'))), "authenticator_data_malformed");
}

std::string client_word(std::string_view text) {
  const auto data = parse_client_data(text);
  return data ? "ok" : std::string(refusal_word(data.error()));
}

// [WA-R4]
TEST(ClientData, Members) {
  const auto data = parse_client_data(
      R"({"type":"a","challenge":"b","origin":"c","crossOrigin":true,"topOrigin":"d","tokenBinding":{"status":"x"}})");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->type, "a");
  EXPECT_EQ(data->challenge, "b");
  EXPECT_EQ(data->origin, "c");
  EXPECT_TRUE(data->cross_origin);
  EXPECT_EQ(data->top_origin, "d");

  EXPECT_EQ(client_word(R"({"type":"a","challenge":"b","origin":"c"})"), "ok");
  for (const char* text : {R"({"challenge":"b","origin":"c"})", R"({"type":"a","origin":"c"})",
                           R"({"type":"a","challenge":"b"})", R"({"type":1,"challenge":"b","origin":"c"})",
                           R"({"type":"a","challenge":"b","origin":"c","crossOrigin":"true"})",
                           R"({"type":"a","challenge":"b","origin":"c","topOrigin":null})", R"(["type"])", "null", "",
                           R"({"type":"a","challenge":"b","origin":"c","x":1,"x":2})"}) {
    EXPECT_EQ(client_word(text), "client_data_malformed") << text;
  }
}

TEST(ClientData, ByteOrderMarkAndSize) {
  const std::string text = R"({"type":"a","challenge":"b","origin":"c"})";
  EXPECT_EQ(client_word("\xEF\xBB\xBF" + text), "ok");
  EXPECT_EQ(client_word("\xEF\xBB\xBF\xEF\xBB\xBF" + text), "client_data_malformed");
  EXPECT_EQ(client_word(text + std::string(kClientDataMax - text.size(), ' ')), "ok");
  EXPECT_EQ(client_word(text + std::string(kClientDataMax - text.size() + 1, ' ')), "response_too_large");
}

// Every refusal has a word of its own: audit logs and their readers rely on them.
TEST(Refusals, Words) {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(Refusal::kCounterWentBack); ++i) {
    EXPECT_TRUE(words.insert(refusal_word(static_cast<Refusal>(i))).second) << i;
  }
}

}  // namespace
}  // namespace countersign::webauthn
