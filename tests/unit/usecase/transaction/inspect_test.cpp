#include "usecase/transaction/inspect.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "store/repository/webhooks.h"
#include "tests/unit/usecase/script.h"

// "A stuck transaction is diagnosed by its id alone": where it stands and what it lacks, what became of each message
// and each webhook, who asked for what, and nobody's address or secret.

namespace countersign::testing {
namespace {

using delivery::Fault;
using delivery::WebhookVerdict;

json::object inspected(Fixture& fixture) {
  const auto found = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::inspect_held({tx, fixture.context(), fixture.caller(), moment}, fixture.current());
  });
  EXPECT_EQ(why(found), kYes);
  return found.value_or(json::object());
}

std::string found_by(Fixture& fixture, const std::string& id) {
  return fixture.in([&](store::Tx& tx, Moment&) {
    const auto row = usecase::find_by_any_id(tx, fixture.account(), id);
    return row ? row->state.id.text() : std::string("nothing");
  });
}

json::object only_one(const json::object& document, std::string_view list) {
  const auto& items = document.at({list.data(), list.size()}).as_array();
  EXPECT_EQ(items.size(), 1U) << canonical_json(document);
  return items.empty() ? json::object() : items.front().as_object();
}

std::string member_text(const json::object& object, std::string_view name) {
  const auto& value = object.at({name.data(), name.size()});
  return value.is_string() ? std::string(value.get_string()) : canonical_json(value);
}

std::vector<std::string> event_types(const json::object& document) {
  std::vector<std::string> types;
  for (const auto& event : document.at("events").as_array()) types.push_back(member_text(event.as_object(), "type"));
  return types;
}

delivery::ProviderError error_of(Fault fault, const char* code) {
  return {fault, delivery::PersonNotice::kTemporarilyUnavailable, code, "", {}, false};
}

TEST(Inspect, SaysWhatItWaitsForInEachState) {
  Fixture fixture;
  fixture.hold();
  EXPECT_EQ(member_text(inspected(fixture), "waits_for"), "proof");
  EXPECT_EQ(member_text(inspected(fixture).at("requirements").as_object(), "missing"), "proof");
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(member_text(inspected(fixture), "waits_for"), "claim");
  const auto claim = fixture.claim();
  EXPECT_EQ(member_text(inspected(fixture), "waits_for"), "acknowledgement");
  EXPECT_EQ(member_text(inspected(fixture), "claimed_by"), fixture.caller().actor);
  ASSERT_EQ(why(fixture.ack(claim->fencing_token)), kYes);
  EXPECT_EQ(member_text(inspected(fixture), "waits_for"), "null");
  EXPECT_EQ(member_text(inspected(fixture), "ended_at"), to_rfc3339(fixture.now()));
}

TEST(Inspect, ShowsAMessageThatWaitsForItsNextAttemptAndWhy) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.finish(fixture.sent().back(), fail(error_of(Fault::kUnavailable, "20503")));
  const auto document = inspected(fixture);
  const auto message = only_one(only_one(document, "verifications"), "messages");
  EXPECT_EQ(member_text(message, "id"), fixture.sent().back().id.text());
  EXPECT_EQ(member_text(message, "status"), "queued");
  EXPECT_EQ(member_text(message, "error_code"), "20503");
  EXPECT_EQ(member_text(message, "provider"), "double");
  EXPECT_GT(member_text(message, "next_attempt_at"), to_rfc3339(fixture.now()));
}

TEST(Inspect, ShowsTheProvidersReferenceOfEachMessageAndThatItFailedLater) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto first = fixture.sent().back();
  fixture.finish(first, delivery::Accepted{"SM001"});
  fixture.wait(seconds(31) + microseconds(3));
  ASSERT_EQ(why(fixture.start()), kYes);  // Sent again.
  fixture.finish(fixture.sent().back(), delivery::Accepted{"SM002"});
  fixture.wait(seconds(61));
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.finish(fixture.sent().back(), delivery::Accepted{"SM003"});
  fixture.wait(seconds(5));
  const auto told = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::report_delivery(tx, fixture.context(),
                                    {fixture.account(),
                                     first.id,
                                     "SM001",
                                     {contact::DeliveryStage::kFailed, contact::DeliveryReason::kUnavailable},
                                     "30003"},
                                    moment);
  });
  ASSERT_TRUE(told);
  const auto verification = only_one(inspected(fixture), "verifications");
  EXPECT_EQ(member_text(verification, "send_error"), "unavailable");
  const auto& messages = verification.at("messages").as_array();
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(member_text(messages[0].as_object(), "provider_ref"), "SM001");
  EXPECT_EQ(member_text(messages[0].as_object(), "status"), "failed");
  EXPECT_EQ(member_text(messages[0].as_object(), "stage"), "failed");
  EXPECT_EQ(member_text(messages[0].as_object(), "reason"), "unavailable");
  EXPECT_EQ(member_text(messages[0].as_object(), "error_code"), "30003");
  EXPECT_EQ(member_text(messages[0].as_object(), "next_attempt_at"), "null");
  EXPECT_EQ(member_text(messages[1].as_object(), "provider_ref"), "SM002");
  EXPECT_EQ(member_text(messages[1].as_object(), "status"), "sent");
  EXPECT_EQ(member_text(messages[1].as_object(), "stage"), "accepted");
  EXPECT_EQ(member_text(messages[1].as_object(), "reason"), "null");
}

TEST(Inspect, ShowsEveryAttemptOfAWebhookAndWhenTheNextIs) {
  Fixture fixture;
  EXPECT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  fixture.finish(fixture.due_deliveries().at(0), WebhookVerdict::kRetry, 503);
  auto webhook = only_one(inspected(fixture), "webhooks");
  EXPECT_EQ(member_text(webhook, "event_type"), "transaction.verified");
  EXPECT_EQ(member_text(webhook, "endpoint_status"), "enabled");
  EXPECT_EQ(member_text(webhook, "status"), "pending");
  EXPECT_EQ(member_text(only_one(webhook, "attempts"), "http_status"), "503");
  EXPECT_GT(member_text(webhook, "next_attempt_at"), to_rfc3339(fixture.now()));
  fixture.wait(minutes(1));
  fixture.finish(fixture.due_deliveries().at(0), WebhookVerdict::kDelivered, 204);
  webhook = only_one(inspected(fixture), "webhooks");
  EXPECT_EQ(member_text(webhook, "status"), "delivered");
  EXPECT_EQ(webhook.at("attempts").as_array().size(), 2U);
  EXPECT_EQ(member_text(webhook, "next_attempt_at"), "null");
}

TEST(Inspect, ShowsWhoAskedForWhatWithTheRequestsId) {
  Fixture fixture;
  fixture.caller().request_id = "req-of-the-hold";
  fixture.hold();
  fixture.caller().request_id = "req-of-the-start";
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.caller().request_id = "req-of-the-guess";
  EXPECT_EQ(why(fixture.check(fixture.wrong_code())), Code::kWrongCode);
  const auto document = inspected(fixture);
  std::vector<std::string> requests;
  for (const auto& event : document.at("events").as_array())
    requests.push_back(member_text(event.as_object(), "request_id"));
  for (const char* id : {"req-of-the-hold", "req-of-the-start", "req-of-the-guess"})
    EXPECT_NE(std::ranges::find(requests, id), requests.end()) << id;
  EXPECT_EQ(member_text(only_one(document, "verifications"), "attempts"), "1");
}

TEST(Inspect, FindsTheEndOfAClaimThatWaitedForMonths) {
  Fixture fixture;
  EXPECT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  const auto claim = fixture.claim();
  fixture.wait(hours(24 * 60));
  ASSERT_EQ(why(fixture.ack(claim->fencing_token)), kYes);
  const auto document = inspected(fixture);
  const auto types = event_types(document);
  for (const char* type : {"transaction.held", "transaction.verified", "transaction.claimed", "transaction.released"})
    EXPECT_EQ(std::ranges::count(types, type), 1) << type;
  EXPECT_EQ(document.at("webhooks").as_array().size(), 2U);  // verified, released
}

TEST(Inspect, KnowsNothingOfOthers) {
  Fixture fixture;
  EXPECT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  const auto first = fixture.current();
  verify(fixture);  // Another one in the same millisecond.
  fixture.use(first);
  const auto document = inspected(fixture);
  EXPECT_EQ(document.at("verifications").as_array().size(), 1U);
  EXPECT_EQ(document.at("webhooks").as_array().size(), 1U);
  for (const auto& event : document.at("events").as_array())
    EXPECT_EQ(member_text(event.as_object(), "transaction"), first.text());
  fixture.caller().account = AccountId{Id::floor_of(fixture.now())};
  EXPECT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::inspect_held({tx, fixture.context(), fixture.caller(), moment}, first);
            })),
            Code::kNotFound);
}

TEST(Inspect, NamesNobodyAndShowsNoSecret) {
  Fixture fixture;
  fixture.request().metadata = R"({"order":"of-ana"})";
  EXPECT_EQ(why(fixture.add_endpoint("https://shop.example.com/hooks?key=of-the-hook")), kYes);
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const std::string code = fixture.code();
  fixture.finish(fixture.sent().back(), delivery::Accepted{"SM001"});
  ASSERT_EQ(why(fixture.check(code)), kYes);
  const auto claim = fixture.claim();
  const auto all = canonical_json(inspected(fixture));
  for (const std::string& secret : {std::string(kPhone), std::string(kPayload), std::string("02366-1"),
                                    std::string(kIdentity), std::string("Casa do Samba"), std::string("of-ana"),
                                    std::string("of-the-hook"), '"' + code + '"', claim->fencing_token}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
  EXPECT_NE(all.find("4321"), std::string::npos);  // But which of her telephones it was.
}

TEST(Inspect, FindsATransactionByTheIdOfWhateverHangsOnIt) {
  Fixture fixture;
  EXPECT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  const auto delivery = fixture.due_deliveries().at(0);
  const std::string id = fixture.current().text();
  EXPECT_EQ(found_by(fixture, id), id);
  EXPECT_EQ(found_by(fixture, fixture.verification().state.id.text()), id);
  EXPECT_EQ(found_by(fixture, fixture.sent().back().id.text()), id);
  EXPECT_EQ(found_by(fixture, delivery.row.id.text()), id);
  for (const char* nothing : {"", "TX", "VE00000000000000000000000000000000", "+5511987654321"})
    EXPECT_EQ(found_by(fixture, nothing), "nothing") << nothing;
}

// Ids of events go on behind those of a clock that was ahead.
TEST(Inspect, FindsATransactionByItsVerificationThoughIdsOfEventsAreLater) {
  Fixture fixture;
  fixture.hold();
  fixture.clock().jump(-seconds(5));
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(found_by(fixture, fixture.verification().state.id.text()), fixture.current().text());
}

}  // namespace
}  // namespace countersign::testing
