#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <regex>

#include "delivery/providers/twilio_messaging.h"
#include "delivery/providers/twilio_verify.h"
#include "delivery/providers/twilio_voice.h"
#include "support/doubles/twilio_messaging_double.h"
#include "support/doubles/twilio_verify_double.h"
#include "support/doubles/twilio_voice_double.h"
#include "support/vectors.h"
#include "unit/delivery/provider_fixture.h"

// Holds what the providers send and what the doubles answer to Twilio's own OpenAPI description, field by field: that
// the two agree with each other proves nothing if both are wrong in the same way.

namespace countersign::delivery {
namespace {

namespace fs = std::filesystem;
using namespace testing;
using countersign::testing::HttpServer;
using countersign::testing::parse_form;
using countersign::testing::TwilioMessagingDouble;
using countersign::testing::TwilioVerifyDouble;
using countersign::testing::TwilioVoiceDouble;

/// The description, from the folder named by CS_TWILIO_OPENAPI_DIR or ../shared/reference beside the
/// repository. It is Twilio's and not in the repository; without it the test says so.
std::optional<json::value> description(std::string_view name) {
  const char* named = std::getenv("CS_TWILIO_OPENAPI_DIR");
  const fs::path folder = named != nullptr ? fs::path(named) : fs::path(CS_SOURCE_DIR) / "../shared/reference";
  if (!fs::exists(folder / name)) {
    std::cout << "Twilio's OpenAPI " << name << ": not there, not run\n";
    return std::nullopt;
  }
  return json::parse(countersign::testing::read_file(folder / name));
}

class Specification {
 public:
  explicit Specification(json::value root) : root_(std::move(root)) {}

  /// The operation of a concrete path, by the template that fits it.
  const json::object* operation(std::string_view method, const std::string& path) const {
    for (const auto& [pattern, item] : root_.at("paths").as_object()) {
      const auto expression = std::regex_replace(std::string(pattern), std::regex(R"(\{[^}]+\})"), "[^/]+?");
      const auto literal = std::regex_replace(expression, std::regex(R"(\.json)"), "\\.json");
      if (std::regex_match(path, std::regex(literal))) return item.as_object().at(method).if_object();
    }
    return nullptr;
  }

  const json::object& resolve(const json::value& schema) const {
    const auto* ref = schema.as_object().if_contains("$ref");
    if (ref == nullptr) return schema.as_object();
    const std::string name(ref->as_string());
    return root_.at("components").at("schemas").at(name.substr(name.rfind('/') + 1)).as_object();
  }

 private:
  json::value root_;
};

void expect_text(const json::object& schema, const std::string& text) {
  if (const auto* pattern = schema.if_contains("pattern")) {
    EXPECT_TRUE(std::regex_match(text, std::regex(std::string(pattern->as_string())))) << text;
  }
  if (const auto* values = schema.if_contains("enum")) {
    const auto& list = values->as_array();
    EXPECT_TRUE(std::ranges::find(list, json::value(text)) != list.end()) << text;
  }
  const auto* format = schema.if_contains("format");
  if (format == nullptr) return;
  if (*format == "date-time") {
    EXPECT_TRUE(std::regex_match(text, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"))) << text;
  } else if (*format == "date-time-rfc-2822") {
    EXPECT_TRUE(std::regex_match(text, std::regex(R"(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000)"))) << text;
  } else if (*format == "uri") {
    EXPECT_TRUE(std::regex_match(text, std::regex("https?://.*"))) << text;
  }
}

void expect_value(const json::object& schema, const json::value& value) {
  if (value.is_null()) {
    EXPECT_TRUE(schema.contains("nullable") && schema.at("nullable").as_bool());
    return;
  }
  const auto* type = schema.if_contains("type");
  if (type == nullptr) return;  // Any.
  const std::string name(type->as_string());
  if (name == "string") {
    ASSERT_TRUE(value.is_string());
    expect_text(schema, std::string(value.as_string()));
  } else if (name == "boolean") {
    EXPECT_TRUE(value.is_bool());
  } else if (name == "integer") {
    EXPECT_TRUE(value.is_int64());
  } else if (name == "array") {
    EXPECT_TRUE(value.is_array());
  } else if (name == "object") {
    EXPECT_TRUE(value.is_object());
  } else {
    ADD_FAILURE() << "type " << name;
  }
}

void expect_request(const Specification& spec, const json::object& operation,
                    const countersign::testing::ServerRequest& request) {
  const auto& content = operation.at("requestBody").at("content").as_object();
  ASSERT_TRUE(content.contains(request.header("content-type"))) << request.header("content-type");
  const auto& schema = spec.resolve(content.at(request.header("content-type")).at("schema"));
  const auto form = parse_form(request.body);
  ASSERT_TRUE(form);
  const auto& properties = schema.at("properties").as_object();
  for (const auto& [name, value] : *form) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(properties.contains(name));
    const auto& property = spec.resolve(properties.at(name));
    if (property.contains("type") && property.at("type") == "integer") {
      EXPECT_TRUE(std::regex_match(value, std::regex("[0-9]+"))) << value;
    } else {
      // The description calls a whatsapp: address a phone-number too; no pattern is given for either.
      expect_text(property, value);
    }
  }
  if (!schema.contains("required")) return;
  for (const auto& required : schema.at("required").as_array()) {
    EXPECT_TRUE(countersign::testing::form_value(*form, std::string_view(required.as_string()))) << required;
  }
}

void expect_reply(const Specification& spec, const json::object& operation,
                  const countersign::testing::ServerReply& reply) {
  const auto& responses = operation.at("responses").as_object();
  const auto status = std::to_string(reply.status);
  ASSERT_TRUE(responses.contains(status)) << status;
  const auto& schema = spec.resolve(responses.at(status).at("content").at("application/json").at("schema"));
  const auto& properties = schema.at("properties").as_object();
  const json::object body = json::parse(reply.body).as_object();
  for (const auto& [name, value] : body) {
    SCOPED_TRACE(std::string(name));
    ASSERT_TRUE(properties.contains(name));
    expect_value(spec.resolve(properties.at(name)), value);
  }
  for (const auto& [name, property] : properties) EXPECT_TRUE(body.contains(name)) << name << " is missing";
}

void expect_exchanges(const Specification& spec, const HttpServer& server, std::size_t at_least) {
  const auto exchanges = server.exchanges();
  EXPECT_GE(exchanges.size(), at_least);
  for (const auto& [request, reply] : exchanges) {
    SCOPED_TRACE(request.method + " " + request.path + " " + request.body);
    const auto* operation = spec.operation("post", request.path);
    ASSERT_NE(operation, nullptr);
    expect_request(spec, *operation, request);
    expect_reply(spec, *operation, reply);
  }
}

TEST(TwilioOpenApi, Verify) {
  auto found = description("twilio_verify_v2.json");
  if (!found) GTEST_SKIP();
  const Specification spec(std::move(*found));
  for (const bool psd2 : {false, true}) {
    TwilioVerifyDouble twilio({.psd2 = psd2, .friendly_name_allowed = true});
    HttpClient http({}, system_clock());
    TwilioVerifyOptions options;
    options.account = account_at(twilio.server(), twilio.credentials());
    options.service_sid = twilio.service_sid();
    options.psd2 = psd2;
    options.friendly_name = true;
    TwilioVerify provider(http, system_clock(), options);
    const auto start = [&](Channel channel) {
      const char* to = channel == Channel::kEmail ? "person@example.com" : "+15017122661";
      auto [done, result] = promised<Result<Accepted, ProviderError>>();
      provider.start({.id = {},
                      .channel = channel,
                      .to = to,
                      .locale = "en",
                      .amount = "€39.99",
                      .payee = "Acme Inc.",
                      .friendly_name = "Acme"},
                     std::move(done));
      return wait_for(result)->provider_ref;
    };
    const auto check = [&](const std::string& sid, const std::string& code) {
      auto [done, result] = promised<Result<VerifierVerdict, ProviderError>>();
      provider.check({sid, SecretString(code), "€39.99", "Acme Inc."}, std::move(done));
      return *wait_for(result);
    };
    for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kEmail}) {
      if (!provider.supports(channel)) continue;
      const auto sid = start(channel);
      EXPECT_EQ(check(sid, "000000"), VerifierVerdict::kWrongCode);
      EXPECT_EQ(check(sid, twilio.code_of(sid)), VerifierVerdict::kApproved);
    }
    auto [done, canceled] = promised<Result<Done, ProviderError>>();
    provider.cancel(start(Channel::kSms), std::move(done));
    EXPECT_TRUE(wait_for(canceled));
    twilio.answer_next(countersign::testing::twilio_error(429, 20429, "Too many requests"));
    auto [limited_done, limited] = promised<Result<Accepted, ProviderError>>();
    provider.start({.id = {},
                    .channel = Channel::kSms,
                    .to = "+15017122661",
                    .locale = "",
                    .amount = "1",
                    .payee = "2",
                    .friendly_name = {}},
                   std::move(limited_done));
    EXPECT_FALSE(wait_for(limited));
    expect_exchanges(spec, twilio.server(), 12);
  }
}

TEST(TwilioOpenApi, Messages) {
  auto found = description("twilio_api_v2010_messages_calls.json");
  if (!found) GTEST_SKIP();
  const Specification spec(std::move(*found));
  TwilioMessagingDouble twilio;
  HttpClient http({}, system_clock());
  TwilioMessagingOptions options;
  options.account = account_at(twilio.server(), twilio.credentials());
  options.messaging_service_sid = countersign::testing::make_sid("MG", 1);
  options.whatsapp_from = "+14155238886";
  const auto send = [&](Channel channel) {
    auto message = message_to("+15017122661", channel, system_clock().now() + 10min);
    message.status_callback_url = "https://verify.example/callbacks/twilio";
    auto [done, result] = promised<Result<Accepted, ProviderError>>();
    TwilioMessaging(http, system_clock(), options).send(std::move(message), std::move(done));
    EXPECT_TRUE(wait_for(result));
  };
  send(Channel::kSms);
  send(Channel::kWhatsapp);
  options.messaging_service_sid.clear();
  options.from = "+15005550006";
  send(Channel::kSms);
  expect_exchanges(spec, twilio.server(), 3);
}

TEST(TwilioOpenApi, Calls) {
  auto found = description("twilio_api_v2010_messages_calls.json");
  if (!found) GTEST_SKIP();
  const Specification spec(std::move(*found));
  TwilioVoiceDouble twilio;
  HttpClient http({}, system_clock());
  auto message = message_to("+15017122661", Channel::kCall, system_clock().now() + 10min);
  message.status_callback_url = "https://verify.example/callbacks/twilio";
  message.call = {"This is Acme.", "", "", "", "https://verify.example/callbacks/twilio/voice"};
  auto [done, result] = promised<Result<Accepted, ProviderError>>();
  TwilioVoice(http, system_clock(), {account_at(twilio.server(), twilio.credentials()), "+15005550006", {}})
      .send(std::move(message), std::move(done));
  EXPECT_TRUE(wait_for(result));
  expect_exchanges(spec, twilio.server(), 1);
}

}  // namespace
}  // namespace countersign::delivery
