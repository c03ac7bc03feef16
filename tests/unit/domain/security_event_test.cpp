#include "domain/security_event.h"

#include <gmock/gmock.h>

namespace countersign::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = SubjectName::Kind;

json::object claims(std::string_view events, std::string_view sub_id = R"({"format":"opaque","id":"u-1"})") {
  const std::string text = R"({"iss":"https://idp.example.com/","aud":"https://us.example.com","jti":"24c63fb5",)"
                           R"("iat":1615305159,"sub_id":)" +
                           std::string(sub_id) + R"(,"events":)" + std::string(events) + "}";
  return parse_json(text)->as_object();
}
std::string risc(std::string_view name, std::string_view details = "{}") {
  return R"({"https://schemas.openid.net/secevent/risc/event-type/)" + std::string(name) +
         "\":" + std::string(details) + "}";
}
std::string caep(std::string_view name, std::string_view details = "{}") {
  return R"({"https://schemas.openid.net/secevent/caep/event-type/)" + std::string(name) +
         "\":" + std::string(details) + "}";
}
ToldEvent told(const std::string& events) { return read_security_events(claims(events))->events.at(0); }
std::vector<SubjectName> names(std::string_view sub_id) {
  return read_security_events(claims(caep("session-revoked"), sub_id))->events.at(0).subjects;
}

TEST(SecurityEvents, AreReadWhole) {
  const auto read = read_security_events(claims(caep("session-revoked", R"({"event_timestamp":1615304991})")));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->issuer, "https://idp.example.com/");
  EXPECT_THAT(read->audience, ElementsAre("https://us.example.com"));
  EXPECT_EQ(read->jti, "24c63fb5");
  EXPECT_EQ(read->issued_at, WallTime(std::chrono::seconds(1615305159)));
  EXPECT_EQ(read->events.at(0).event, SharedEvent::kSessionRevoked);
  EXPECT_THAT(read->events.at(0).subjects, ElementsAre(SubjectName{Kind::kIdentity, "u-1", ""}));
}

TEST(SecurityEvents, KnowTheirUris) {
  EXPECT_EQ(told(risc("account-disabled", R"({"reason":"hijacking"})")).event, SharedEvent::kAccountDisabled);
  EXPECT_EQ(told(risc("account-purged")).event, SharedEvent::kAccountPurged);
  EXPECT_EQ(told(risc("identifier-recycled")).event, SharedEvent::kIdentifierRecycled);
  EXPECT_EQ(told(risc("credential-compromise")).event, SharedEvent::kCredentialCompromise);
  EXPECT_EQ(told(risc("sessions-revoked")).event, SharedEvent::kSessionRevoked);
  EXPECT_EQ(told(caep("credential-change")).event, SharedEvent::kCredentialChange);
  // A name of the other profile, one that nobody has, another place.
  EXPECT_EQ(told(caep("account-disabled")).event, SharedEvent::kOther);
  EXPECT_EQ(told(risc("session-revoked")).event, SharedEvent::kOther);
  EXPECT_EQ(told(risc("account-enabled")).event, SharedEvent::kOther);
  EXPECT_EQ(told(R"({"https://schemas.openid.net/secevent/ssf/event-type/verification":{"state":"x"}})").event,
            SharedEvent::kOther);
  EXPECT_EQ(told(R"({"https://evil.example/account-disabled":{}})").event, SharedEvent::kOther);
}

TEST(SecurityEvents, AnImprovementAsksForNothing) {
  const auto none = EventEffect{};
  const auto effect = [](const ToldEvent& event) { return effect_of(event, Kind::kIdentity, false); };
  EXPECT_EQ(effect(told(caep("assurance-level-change", R"({"change_direction":"increase"})"))), none);
  EXPECT_TRUE(effect(told(caep("assurance-level-change", R"({"change_direction":"decrease"})"))).asks_for_more);
  EXPECT_EQ(effect(told(caep("device-compliance-change", R"({"current_status":"compliant"})"))), none);
  EXPECT_TRUE(effect(told(caep("device-compliance-change", R"({"current_status":"not-compliant"})"))).asks_for_more);
  EXPECT_EQ(effect(told(caep("risk-level-change", R"({"current_level":"MEDIUM"})"))), none);
  EXPECT_TRUE(effect(told(caep("risk-level-change", R"({"current_level":"HIGH"})"))).asks_for_more);
  EXPECT_EQ(effect(told(risc("account-enabled"))), none);
}

// Only whoever runs a mailbox or a line may say anything about it; nobody takes what counts by an identity.
TEST(SecurityEvents, AContactIsSuspectedByItsOwnProviderAlone) {
  for (const char* name : {"account-disabled", "account-purged", "identifier-changed", "identifier-recycled",
                           "credential-compromise", "account-credential-change-required"}) {
    const auto event = told(risc(name));
    EXPECT_TRUE(effect_of(event, Kind::kEmail, true).suspects_contact) << name;
    EXPECT_FALSE(effect_of(event, Kind::kEmail, false).suspects_contact) << name;
    EXPECT_FALSE(effect_of(event, Kind::kIdentity, true).suspects_contact) << name;
    EXPECT_TRUE(effect_of(event, Kind::kIdentity, false).stops_changes) << name;
    EXPECT_TRUE(effect_of(event, Kind::kIdentity, false).asks_for_more) << name;
  }
  for (const char* name : {"session-revoked", "credential-change"}) {
    const EventEffect more{.suspects_contact = false, .stops_changes = false, .asks_for_more = true};
    EXPECT_EQ(effect_of(told(caep(name)), Kind::kEmail, true), more) << name;
  }
}

TEST(SecurityEvents, SubjectsOfEveryFormat) {
  EXPECT_THAT(names(R"({"format":"iss_sub","iss":"https://idp.example.com/","sub":"145234573"})"),
              ElementsAre(SubjectName{Kind::kIdentity, "145234573", "https://idp.example.com/"}));
  EXPECT_THAT(names(R"({"format":"account","uri":"acct:ana@example.com"})"),
              ElementsAre(SubjectName{Kind::kIdentity, "acct:ana@example.com", ""}));
  EXPECT_THAT(names(R"({"format":"phone_number","phone_number":"+12065550100"})"),
              ElementsAre(SubjectName{Kind::kPhone, "+12065550100", ""}));
  EXPECT_THAT(names(R"({"format":"email","email":"ana@example.com"})"),
              ElementsAre(SubjectName{Kind::kEmail, "ana@example.com", ""}));
  EXPECT_THAT(names(R"({"format":"aliases","identifiers":[{"format":"email","email":"a@example.com"},
                        {"format":"opaque","id":"u-2"},{"format":"aliases","identifiers":[]}]})"),
              ElementsAre(SubjectName{Kind::kEmail, "a@example.com", ""}, SubjectName{Kind::kIdentity, "u-2", ""}));
  EXPECT_THAT(names(R"({"format":"complex","user":{"format":"opaque","id":"u-3"},
                        "device":{"format":"opaque","id":"d"}})"),
              ElementsAre(SubjectName{Kind::kIdentity, "u-3", ""}));
  for (const char* unknown :
       {R"({"format":"did","url":"did:example:1"})", R"({"format":"jwt_id","iss":"x","jti":"y"})", "{}",
        R"({"format":"email"})", R"({"format":"email","email":17})", R"({"format":"opaque","id":""})",
        R"({"format":"aliases","identifiers":{}})", R"({"format":17,"id":"x"})"})
    EXPECT_THAT(names(unknown), IsEmpty()) << unknown;
  EXPECT_THAT(names(R"({"format":"opaque","id":")" + std::string(513, 'x') + "\"}"), IsEmpty());
}

TEST(SecurityEvents, ASubjectInTheEventAsOlderTransmittersSendIt) {
  auto all = claims(risc("account-disabled",
                         R"({"subject":{"subject_type":"iss-sub","iss":"https://accounts.example.com/","sub":"7"}})"));
  all.erase("sub_id");
  EXPECT_THAT(read_security_events(all)->events.at(0).subjects,
              ElementsAre(SubjectName{Kind::kIdentity, "7", "https://accounts.example.com/"}));
}

TEST(SecurityEvents, WhatIsNoneIsRefused) {
  const auto without = [](const char* name) {
    auto all = claims(caep("session-revoked"));
    all.erase(name);
    return read_security_events(all).has_value();
  };
  for (const char* name : {"iss", "aud", "jti", "iat", "events"}) EXPECT_FALSE(without(name)) << name;
  EXPECT_TRUE(without("sub_id"));  // Read, and about nobody.
  const auto with = [](const char* name, const char* value) {
    auto all = claims(caep("session-revoked"));
    all[name] = *parse_json(value);
    return read_security_events(all).has_value();
  };
  EXPECT_TRUE(with("aud", R"(["https://us.example.com","https://others.example.com"])"));
  EXPECT_FALSE(with("exp", "1615305459"));  // An access token, or an ID token.
  EXPECT_FALSE(with("events", "{}"));
  EXPECT_FALSE(with("events", "[]"));
  EXPECT_FALSE(with("events", R"({"https://schemas.openid.net/secevent/caep/event-type/session-revoked":[]})"));
  EXPECT_FALSE(with("aud", "[]"));
  EXPECT_FALSE(with("aud", "[17]"));
  EXPECT_FALSE(with("jti", R"("")"));
  EXPECT_FALSE(with("jti", "17"));
  EXPECT_FALSE(with("iat", "-1"));
  EXPECT_FALSE(with("iat", "1e15"));
  EXPECT_FALSE(with("iat", "9007199254740991"));
  EXPECT_FALSE(with("iat", R"("1615305159")"));
  std::string many = "{";
  for (int i = 0; i < 17; ++i) many += (i == 0 ? "\"e" : ",\"e") + std::to_string(i) + "\":{}";
  EXPECT_FALSE(with("events", (many + "}").c_str()));
}

/// Each name is looked for: a token of thousands is no work for thousands.
TEST(SecurityEvents, NamesAreReadUpToEight) {
  std::string many = R"({"format":"aliases","identifiers":[)";
  for (int i = 0; i < 5000; ++i)
    many += std::string(i == 0 ? "" : ",") + R"({"format":"opaque","id":"u-)" + std::to_string(i) + R"("})";
  const auto read = names(many + "]}");
  ASSERT_EQ(read.size(), 8U);
  EXPECT_EQ(read.back().value, "u-7");
  EXPECT_THAT(names(R"({"format":"opaque","id":")" + std::string(513, 'x') + R"("})"), IsEmpty());
}

}  // namespace
}  // namespace countersign::domain
