#include "usecase/inspect.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "script.h"
#include "store/repository/webhooks.h"

// "A stuck transaction is diagnosed by its id alone": where it stands and what it lacks, what became of each message
// and each webhook, who asked for what, and nobody's address or secret.

namespace countersign::testing {
namespace {

using delivery::Fault;
using delivery::WebhookVerdict;

json::object inspected(House& house) {
  const auto found = house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::inspect_held(tx, house.context(), house.caller(), house.current(), moment.now);
  });
  EXPECT_EQ(why(found), kYes);
  return found.value_or(json::object());
}

std::string found_by(House& house, const std::string& id) {
  return house.in([&](store::Tx& tx, Moment&) {
    const auto row = usecase::find_by_any_id(tx, house.account(), id);
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
  House house;
  house.hold();
  EXPECT_EQ(member_text(inspected(house), "waits_for"), "proof");
  EXPECT_EQ(member_text(inspected(house).at("requirements").as_object(), "missing"), "proof");
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  EXPECT_EQ(member_text(inspected(house), "waits_for"), "claim");
  const auto claim = house.claim();
  EXPECT_EQ(member_text(inspected(house), "waits_for"), "acknowledgement");
  EXPECT_EQ(member_text(inspected(house), "claimed_by"), house.caller().actor);
  ASSERT_EQ(why(house.ack(claim->fencing_token)), kYes);
  EXPECT_EQ(member_text(inspected(house), "waits_for"), "null");
  EXPECT_EQ(member_text(inspected(house), "ended_at"), to_rfc3339(house.now()));
}

TEST(Inspect, ShowsAMessageThatWaitsForItsNextAttemptAndWhy) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  house.finish(house.sent().back(), fail(error_of(Fault::kUnavailable, "20503")));
  const auto document = inspected(house);
  const auto message = only_one(only_one(document, "verifications"), "messages");
  EXPECT_EQ(member_text(message, "id"), house.sent().back().id.text());
  EXPECT_EQ(member_text(message, "status"), "queued");
  EXPECT_EQ(member_text(message, "error_code"), "20503");
  EXPECT_EQ(member_text(message, "provider"), "double");
  EXPECT_GT(member_text(message, "next_attempt_at"), to_rfc3339(house.now()));
}

TEST(Inspect, ShowsTheProvidersReferenceOfEachMessageAndThatItFailedLater) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  const auto first = house.sent().back();
  house.finish(first, delivery::Accepted{"SM001"});
  house.wait(seconds(31) + microseconds(3));
  ASSERT_EQ(why(house.start()), kYes);  // Sent again.
  house.finish(house.sent().back(), delivery::Accepted{"SM002"});
  house.wait(seconds(61));
  ASSERT_EQ(why(house.start()), kYes);
  house.finish(house.sent().back(), delivery::Accepted{"SM003"});
  house.wait(seconds(5));
  const bool told = house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::report_delivery(tx, house.context(), house.account(), first.id, "SM001",
                                    store::MessageStatus::kFailed, error_of(Fault::kRejected, "30003"), moment);
  });
  ASSERT_TRUE(told);
  const auto verification = only_one(inspected(house), "verifications");
  EXPECT_EQ(member_text(verification, "send_fault"), delivery::name_of(Fault::kRejected));
  const auto& messages = verification.at("messages").as_array();
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(member_text(messages[0].as_object(), "provider_ref"), "SM001");
  EXPECT_EQ(member_text(messages[0].as_object(), "status"), "failed");
  EXPECT_EQ(member_text(messages[0].as_object(), "error_code"), "30003");
  EXPECT_EQ(member_text(messages[0].as_object(), "next_attempt_at"), "null");
  EXPECT_EQ(member_text(messages[1].as_object(), "provider_ref"), "SM002");
  EXPECT_EQ(member_text(messages[1].as_object(), "status"), "sent");
}

TEST(Inspect, ShowsEveryAttemptOfAWebhookAndWhenTheNextIs) {
  House house;
  EXPECT_EQ(why(house.add_endpoint()), kYes);
  verify(house);
  house.finish(house.due_deliveries().at(0), WebhookVerdict::kRetry, 503);
  auto webhook = only_one(inspected(house), "webhooks");
  EXPECT_EQ(member_text(webhook, "event_type"), "transaction.verified");
  EXPECT_EQ(member_text(webhook, "endpoint_status"), "enabled");
  EXPECT_EQ(member_text(webhook, "status"), "pending");
  EXPECT_EQ(member_text(only_one(webhook, "attempts"), "http_status"), "503");
  EXPECT_GT(member_text(webhook, "next_attempt_at"), to_rfc3339(house.now()));
  house.wait(minutes(1));
  house.finish(house.due_deliveries().at(0), WebhookVerdict::kDelivered, 204);
  webhook = only_one(inspected(house), "webhooks");
  EXPECT_EQ(member_text(webhook, "status"), "delivered");
  EXPECT_EQ(webhook.at("attempts").as_array().size(), 2U);
  EXPECT_EQ(member_text(webhook, "next_attempt_at"), "null");
}

TEST(Inspect, ShowsWhoAskedForWhatWithTheRequestsId) {
  House house;
  house.caller().request_id = "req-of-the-hold";
  house.hold();
  house.caller().request_id = "req-of-the-start";
  ASSERT_EQ(why(house.start()), kYes);
  house.caller().request_id = "req-of-the-guess";
  EXPECT_EQ(why(house.check(house.wrong_code())), Code::kWrongCode);
  const auto document = inspected(house);
  std::vector<std::string> requests;
  for (const auto& event : document.at("events").as_array())
    requests.push_back(member_text(event.as_object(), "request_id"));
  for (const char* id : {"req-of-the-hold", "req-of-the-start", "req-of-the-guess"})
    EXPECT_NE(std::ranges::find(requests, id), requests.end()) << id;
  EXPECT_EQ(member_text(only_one(document, "verifications"), "attempts"), "1");
}

TEST(Inspect, FindsTheEndOfAClaimThatWaitedForMonths) {
  House house;
  EXPECT_EQ(why(house.add_endpoint()), kYes);
  verify(house);
  const auto claim = house.claim();
  house.wait(hours(24 * 60));
  ASSERT_EQ(why(house.ack(claim->fencing_token)), kYes);
  const auto document = inspected(house);
  const auto types = event_types(document);
  for (const char* type : {"transaction.held", "transaction.verified", "transaction.claimed", "transaction.released"})
    EXPECT_EQ(std::ranges::count(types, type), 1) << type;
  EXPECT_EQ(document.at("webhooks").as_array().size(), 2U);  // verified, released
}

TEST(Inspect, KnowsNothingOfOthers) {
  House house;
  EXPECT_EQ(why(house.add_endpoint()), kYes);
  verify(house);
  const auto first = house.current();
  verify(house);  // Another one in the same millisecond.
  house.use(first);
  const auto document = inspected(house);
  EXPECT_EQ(document.at("verifications").as_array().size(), 1U);
  EXPECT_EQ(document.at("webhooks").as_array().size(), 1U);
  for (const auto& event : document.at("events").as_array())
    EXPECT_EQ(member_text(event.as_object(), "transaction"), first.text());
  house.caller().account = AccountId{Id::floor_of(house.now())};
  EXPECT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              return usecase::inspect_held(tx, house.context(), house.caller(), first, moment.now);
            })),
            Code::kNotFound);
}

TEST(Inspect, NamesNobodyAndShowsNoSecret) {
  House house;
  house.request().metadata = R"({"order":"of-ana"})";
  EXPECT_EQ(why(house.add_endpoint("https://shop.example.com/hooks?key=of-the-hook")), kYes);
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  const std::string code = house.code();
  house.finish(house.sent().back(), delivery::Accepted{"SM001"});
  ASSERT_EQ(why(house.check(code)), kYes);
  const auto claim = house.claim();
  const auto all = canonical_json(inspected(house));
  for (const std::string& secret : {std::string(kPhone), std::string(kPayload), std::string("02366-1"),
                                    std::string(kIdentity), std::string("Casa do Samba"), std::string("of-ana"),
                                    std::string("of-the-hook"), '"' + code + '"', claim->fencing_token}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
  EXPECT_NE(all.find("4321"), std::string::npos);  // But which of her telephones it was.
}

TEST(Inspect, FindsATransactionByTheIdOfWhateverHangsOnIt) {
  House house;
  EXPECT_EQ(why(house.add_endpoint()), kYes);
  verify(house);
  const auto delivery = house.due_deliveries().at(0);
  const std::string id = house.current().text();
  EXPECT_EQ(found_by(house, id), id);
  EXPECT_EQ(found_by(house, house.verification().state.id.text()), id);
  EXPECT_EQ(found_by(house, house.sent().back().id.text()), id);
  EXPECT_EQ(found_by(house, delivery.row.id.text()), id);
  for (const char* nothing : {"", "TX", "VE00000000000000000000000000000000", "+5511987654321"})
    EXPECT_EQ(found_by(house, nothing), "nothing") << nothing;
}

}  // namespace
}  // namespace countersign::testing
