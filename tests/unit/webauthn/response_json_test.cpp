#include "webauthn/response_json.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "base/encoding.h"

namespace countersign::webauthn {
namespace {

json::object registration_json() {
  return {{"type", "public-key"},
          {"id", "AQID"},
          {"rawId", "AQID"},
          {"clientExtensionResults", json::object{{"credProps", json::object{{"rk", true}}}}},
          {"authenticatorAttachment", "platform"},
          {"response", json::object{{"clientDataJSON", "e30"},
                                    {"attestationObject", "oA"},
                                    {"publicKeyAlgorithm", -7},
                                    {"transports", json::array{"usb", "internal", "usb", 7, "Bad!", ""}}}}};
}

json::object assertion_json() {
  return {
      {"type", "public-key"},
      {"id", "AQID"},
      {"rawId", "AQID"},
      {"clientExtensionResults", json::object{{"appid", true}}},
      {"response",
       json::object{
           {"clientDataJSON", "e30"}, {"authenticatorData", "AAEC"}, {"signature", "MEQ"}, {"userHandle", "dXNlcg"}}}};
}

template <class Reader>
std::string read_word(Reader read, const json::object& object) {
  const auto response = read(boost::json::serialize(object));
  return response ? "ok" : std::string(refusal_word(response.error()));
}

std::string registration_word(const json::object& object) {
  return read_word([](std::string_view text) { return read_registration_response(text); }, object);
}

std::string assertion_word(const json::object& object) {
  return read_word([](std::string_view text) { return read_authentication_response(text); }, object);
}

TEST(ResponseJson, Registration) {
  const auto response = read_registration_response(registration_json());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->id, "\x01\x02\x03");
  EXPECT_EQ(response->client_data, "{}");
  EXPECT_EQ(response->attestation_object, "\xa0");
  EXPECT_EQ(response->transports, (std::vector<std::string>{"internal", "usb"}));
}

TEST(ResponseJson, Authentication) {
  auto object = assertion_json();
  const auto response = read_authentication_response(object);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->authenticator_data, std::string("\x00\x01\x02", 3));
  EXPECT_EQ(response->signature, "0D");
  EXPECT_EQ(response->user_handle, "user");
  EXPECT_TRUE(response->appid_used);

  object["response"].as_object()["userHandle"] = nullptr;
  object["clientExtensionResults"] = json::object{{"appid", "true"}};
  const auto without = read_authentication_response(object);
  ASSERT_TRUE(without);
  EXPECT_EQ(without->user_handle, std::nullopt);
  EXPECT_FALSE(without->appid_used);
  object["response"].as_object().erase("userHandle");
  object.erase("clientExtensionResults");
  EXPECT_EQ(assertion_word(object), "ok");
}

// Every binary member: missing, another type, ordinary base64, padding, stray bits, white space. [WA-R3]
TEST(ResponseJson, BinaryMembersAreStrict) {
  const std::vector<json::value> wrong{nullptr, 7, "AQI=", "A+/B", "AB", "AQ ID", "AQID\n", json::object{{"0", 1}}};
  for (const json::value& value : wrong) {
    for (const char* member : {"clientDataJSON", "attestationObject"}) {
      auto object = registration_json();
      object["response"].as_object()[member] = value;
      EXPECT_EQ(registration_word(object), "response_malformed") << member << " " << value;
    }
    for (const char* member : {"clientDataJSON", "authenticatorData", "signature"}) {
      auto object = assertion_json();
      object["response"].as_object()[member] = value;
      EXPECT_EQ(assertion_word(object), "response_malformed") << member << " " << value;
      object["response"].as_object().erase(member);
      EXPECT_EQ(assertion_word(object), "response_malformed") << member;
    }
  }
}

TEST(ResponseJson, KindAndId) {
  for (const char* member : {"type", "id", "rawId", "response"}) {
    auto object = registration_json();
    object.erase(member);
    EXPECT_EQ(registration_word(object), "response_malformed") << member;
    auto other = assertion_json();
    other.erase(member);
    EXPECT_EQ(assertion_word(other), "response_malformed") << member;
  }
  auto object = registration_json();
  object["rawId"] = "AQIE";
  EXPECT_EQ(registration_word(object), "response_malformed");
  object = registration_json();
  object["id"] = object["rawId"] = "";
  EXPECT_EQ(registration_word(object), "response_malformed");
  object = registration_json();
  object["type"] = "password";
  EXPECT_EQ(registration_word(object), "response_malformed");
  // The answer of the other ceremony.
  EXPECT_EQ(registration_word(assertion_json()), "response_malformed");
  EXPECT_EQ(assertion_word(registration_json()), "response_malformed");
}

TEST(ResponseJson, Sizes) {
  const auto with_id = [](std::size_t size) {
    auto object = registration_json();
    object["id"] = object["rawId"] = to_base64url(std::string(size, 'i'));
    return registration_word(object);
  };
  EXPECT_EQ(with_id(1023), "ok");
  EXPECT_EQ(with_id(1024), "response_too_large");
  const auto with_handle = [](std::size_t size) {
    auto object = assertion_json();
    object["response"].as_object()["userHandle"] = to_base64url(std::string(size, 'u'));
    return assertion_word(object);
  };
  EXPECT_EQ(with_handle(64), "ok");
  EXPECT_EQ(with_handle(65), "response_too_large");
  auto object = assertion_json();
  object["response"].as_object()["signature"] = to_base64url(std::string(1025, 's'));
  EXPECT_EQ(assertion_word(object), "response_too_large");
  object = registration_json();
  object["more"] = std::string(100'000, 'x');
  EXPECT_EQ(registration_word(object), "response_too_large");
}

TEST(ResponseJson, NotAnObject) {
  for (const char* text : {"", "[]", "null", "{", "{\"id\":\"AA\",\"id\":\"AA\"}"}) {
    EXPECT_EQ(read_registration_response(text).error(), Refusal::kResponseMalformed) << text;
    EXPECT_EQ(read_authentication_response(text).error(), Refusal::kResponseMalformed) << text;
  }
}

}  // namespace
}  // namespace countersign::webauthn
