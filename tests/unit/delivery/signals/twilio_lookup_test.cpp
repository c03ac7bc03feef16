#include "delivery/signals/twilio_lookup.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "support/doubles/twilio_lookup_double.h"
#include "support/vectors.h"
#include "unit/delivery/provider_fixture.h"
#include "unit/delivery/signals/signal_fixture.h"

namespace countersign::delivery {
namespace {

namespace fs = std::filesystem;
using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::TwilioLookupDouble;

struct TwilioLookupTest : ::testing::Test {
  TwilioLookup source(LookupFields fields = {}) {
    return {http, clock, account_at(twilio.server(), twilio.credentials()), fields};
  }
  void TearDown() override { EXPECT_THAT(twilio.violations(), ::testing::IsEmpty()); }

  const std::string phone = "+447772000001";
  SignalQuestion question{"TX0123", phone, {}, {}};
  TwilioLookupDouble twilio;
  FakeClock clock;
  HttpClient http{{}, system_clock()};
};

TEST_F(TwilioLookupTest, SaysTheTypeOfTheLineAndWhenTheSimChanged) {
  twilio.set_line(phone, {{"sim_swap", TwilioLookupDouble::sim_swap("2026-11-22T10:00:00Z", "PT48H", true)},
                          {"line_type_intelligence", TwilioLookupDouble::line_type("nonFixedVoip")}});
  auto from = source();
  const auto heard = answer_of(from, question);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->line_type, "voip");
  EXPECT_EQ(heard->sim_change->latest, from_rfc3339("2026-11-22T10:00:00Z"));
  EXPECT_EQ(twilio.server().exchanges().back().request.path,
            "/v2/PhoneNumbers/%2B447772000001?Fields=line_type_intelligence,sim_swap");
}

TEST_F(TwilioLookupTest, AsksForNoMoreThanIsWished) {
  twilio.set_line(phone, {{"sim_swap", TwilioLookupDouble::sim_swap("", "PT24H", false)},
                          {"line_type_intelligence", TwilioLookupDouble::line_type("mobile")}});
  auto from = source();
  question.wishes = {.sim_change = true, .line_type = false};
  EXPECT_EQ(answer_of(from, question)->line_type, "");
  EXPECT_EQ(twilio.server().exchanges().back().request.path, "/v2/PhoneNumbers/%2B447772000001?Fields=sim_swap");
  question.wishes = {.sim_change = false, .line_type = true};
  EXPECT_EQ(answer_of(from, question)->line_type, "mobile");
  EXPECT_EQ(twilio.server().exchanges().back().request.path,
            "/v2/PhoneNumbers/%2B447772000001?Fields=line_type_intelligence");
}

TEST_F(TwilioLookupTest, APeriodWithoutADate) {
  auto from = source({.line_type = false, .sim_swap = true});
  twilio.set_line(phone, {{"sim_swap", TwilioLookupDouble::sim_swap("", "PT24H", true)}});
  EXPECT_EQ(answer_of(from, question)->sim_change, (SimChange{clock.now() - 24h, clock.now()}));
  twilio.set_line(phone, {{"sim_swap", TwilioLookupDouble::sim_swap("", "PT24H", false)}});
  EXPECT_EQ(answer_of(from, question)->sim_change, std::nullopt);
  EXPECT_EQ(twilio.server().exchanges().back().request.path, "/v2/PhoneNumbers/%2B447772000001?Fields=sim_swap");
}

TEST_F(TwilioLookupTest, APackageWithoutDataIsUnknownAndSparesTheOther) {
  auto no_swap = TwilioLookupDouble::sim_swap("2026-11-22T10:00:00Z", "PT48H", true);
  no_swap["error_code"] = 60606;
  twilio.set_line(phone, {{"sim_swap", no_swap}, {"line_type_intelligence", TwilioLookupDouble::line_type("mobile")}});
  auto from = source();
  const auto heard = answer_of(from, question);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->line_type, "mobile");
  EXPECT_EQ(heard->sim_change, std::nullopt);
  twilio.set_line(phone, {{"sim_swap", no_swap}});
  EXPECT_EQ(answer_of(from, question).error(), SignalFault::kNotServed);
}

TEST_F(TwilioLookupTest, AnotherNumberIsALie) {
  auto from = source();
  twilio.answer_next({200, {}, R"({"phone_number":"+447772000002","valid":true,"line_type_intelligence":null})"});
  EXPECT_EQ(answer_of(from, question).error(), SignalFault::kImplausible);
  twilio.answer_next({200, {}, R"({"phone_number":"+447772000001","valid":false,"line_type_intelligence":null})"});
  EXPECT_EQ(answer_of(from, question).error(), SignalFault::kNotServed);
}

TEST_F(TwilioLookupTest, WhateverTheServerDoesItIsUnknown) {
  auto from = source();
  for (auto& bad : misbehaviours()) {
    twilio.answer_next(bad.reply);
    const auto heard = answer_of(from, question);
    // An object that names no number may be about any.
    const auto fault = std::string(bad.name) == "an empty object" ? SignalFault::kImplausible : bad.fault;
    EXPECT_EQ(heard.error(), fault) << bad.name;
  }
}

TEST(TwilioLookup, KnowsItsWords) {
  EXPECT_EQ(line_type_of("mobile"), "mobile");
  EXPECT_EQ(line_type_of("fixedVoip"), "fixed_voip");
  EXPECT_EQ(line_type_of("tollFree"), "toll_free");
  EXPECT_EQ(line_type_of("unknown"), "");
  EXPECT_EQ(line_type_of("satellite"), "");
  EXPECT_EQ(parse_period("PT24H"), 24h);
  EXPECT_EQ(parse_period("P7D"), 168h);
  for (const char* text : {"", "PT", "PTH", "PT-1H", "PT1.5H", "PT24M", "P99999D", "pt24h", "PT24H "})
    EXPECT_EQ(parse_period(text), std::nullopt) << text;
}

/// Twilio's own examples, and the members of its description, if that is there (README.md).
TEST(TwilioLookup, ReadsTheExamplesOfTwiliosDescription) {
  const char* named = std::getenv("CS_TWILIO_OPENAPI_DIR");
  const fs::path folder = named != nullptr ? fs::path(named) : fs::path(CS_SOURCE_DIR) / "../shared/reference";
  if (!fs::exists(folder / "twilio_lookups_v2.json")) {
    std::cout << "Twilio's OpenAPI of Lookup: not there, not run\n";
    return;
  }
  const auto whole = json::parse(countersign::testing::read_file(folder / "twilio_lookups_v2.json"));
  const auto& operation = whole.at("paths").at("/v2/PhoneNumbers/{PhoneNumber}").at("get");
  const auto& content = operation.at("responses").at("200").at("content").at("application/json");
  const auto read = [&](const char* example, LookupFields fields) {
    const auto& body = content.at("examples").at(example).at("value");
    return read_lookup_answer(HttpAnswer{200, {}, json::serialize(body), {}},
                              std::string(body.at("phone_number").as_string()), fields, WallTime(20'000 * 24h));
  };
  const LookupFields sim{.line_type = false, .sim_swap = true};
  EXPECT_EQ(read("fetchSimSwap", sim)->sim_change->latest, from_rfc3339("2020-04-27T10:18:50Z"));
  EXPECT_EQ(read("fetchSimSwapWithoutLastSimSwapDate", sim)->sim_change->earliest, WallTime(20'000 * 24h - 24h));
  EXPECT_EQ(read("fetchSimSwapWithFalseSwapped", sim)->sim_change, std::nullopt);
  EXPECT_EQ(read("fetchLineTypeIntelligence", {.line_type = true, .sim_swap = false})->line_type, "voip");

  // The double answers with the members of the description, all of them.
  TwilioLookupDouble twilio;
  twilio.set_line("+447772000001", {{"sim_swap", TwilioLookupDouble::sim_swap("2026-11-22T10:00:00Z", "PT48H", true)},
                                    {"line_type_intelligence", TwilioLookupDouble::line_type("mobile")}});
  FakeClock clock;
  HttpClient http{{}, system_clock()};
  TwilioLookup from(http, clock, account_at(twilio.server(), twilio.credentials()), {});
  ASSERT_TRUE(answer_of(from, {"TX0123", "+447772000001", {}, {}}));
  const auto answer = json::parse(twilio.server().exchanges().back().reply.body).as_object();
  const auto& schemas = whole.at("components").at("schemas");
  const auto& properties = schemas.at("LookupResponse").at("properties").as_object();
  for (const auto& member : answer) EXPECT_TRUE(properties.contains(member.key())) << member.key();
  for (const auto& [package, schema] :
       {std::pair{"sim_swap", "SimSwapInfo"}, std::pair{"line_type_intelligence", "LineTypeIntelligenceInfo"}}) {
    for (const auto& member : answer.at(package).as_object())
      EXPECT_TRUE(schemas.at(schema).at("properties").as_object().contains(member.key())) << member.key();
  }
  bool named_field = false;
  for (const auto& parameter : operation.at("parameters").as_array())
    named_field = named_field || parameter.at("name") == "Fields";
  EXPECT_TRUE(named_field);
}

}  // namespace
}  // namespace countersign::delivery
