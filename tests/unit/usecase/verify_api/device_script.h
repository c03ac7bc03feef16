#pragma once

#include "tests/unit/usecase/verify_api/device_key.h"
#include "tests/unit/usecase/verify_api/verify_script.h"
#include "usecase/push/device.h"
#include "usecase/subject/objections.h"
#include "usecase/verify_api/access_token.h"
#include "usecase/verify_api/device_challenge.h"
#include "usecase/verify_api/device_transaction.h"

// What the tests of devices share: a phone, what it signs, and what it is asked.
namespace countersign::testing {

namespace verify_api = usecase::verify_api;
using std::chrono::hours;
using verify_api::Challenge;
using verify_api::Entity;
using verify_api::Factor;
using verify_api::SignedAnswer;

inline constexpr std::string_view kRegistrationToken = "registration-token-of-the-phone-0123456789";

class VerifyDevices : public ::testing::Test {
 protected:
  Verify api;
  Fixture& fixture = api.fixture;
  DeviceKey key{1};
  DeviceKey other{2};

  template <class F>
  auto work(F&& f) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      auto verdict = f(usecase::Work{tx, fixture.context(), fixture.caller(), moment});
      if constexpr (requires { verdict.error().keep; }) {
        if (!verdict && !verdict.error().keep) tx.abandon();
      }
      return verdict;
    });
  }
  Verdict<verify_api::CreatedDevice> create(const DeviceKey& with, std::string_view identity = kIdentity,
                                            std::string_view platform = "fcm") {
    const verify_api::DeviceRegistration given{"Pixel",
                                               with.point(),
                                               {{"app_id", "br.example.shop"},
                                                {"sdk_version", "1.0"},
                                                {"notification_platform", platform},
                                                {"notification_token", kRegistrationToken}},
                                               {}};
    return work([&](const usecase::Work& w) {
      return verify_api::create_device(w, api.service, std::string(identity), given);
    });
  }
  Verdict<Factor> change(const Entity& who, const FactorId& factor, const verify_api::FactorChange& wanted) {
    return work([&](const usecase::Work& w) { return verify_api::update_factor(w, api.service, who, factor, wanted); });
  }
  Verdict<Factor> verified(const verify_api::CreatedDevice& made, const DeviceKey& with) {
    const FactorId& id = made.factor.row.state.id;
    const auto answer = verify_api::judge_first_signature(with.point(), id, with.first_signature(id.text()));
    verify_api::FactorChange wanted;
    wanted.answer = &answer;
    return change(made.entity, id, wanted);
  }
  /// A verified one.
  verify_api::CreatedDevice device(const DeviceKey& with, std::string_view identity = kIdentity) {
    auto made = create(with, identity);
    EXPECT_TRUE(made);
    EXPECT_TRUE(verified(*made, with));
    return *std::move(made);
  }
  Verdict<Challenge> ask(const verify_api::CreatedDevice& of, json::object details = {{"message", "Log in?"}}) {
    verify_api::NewChallenge given{of.factor.row.state.id, fixture.now() + minutes(5), std::move(details), {}, {}, {}};
    given.hidden_details = json::object{{"ip", "203.0.113.7"}};
    return work([&](const usecase::Work& w) { return verify_api::create_challenge(w, api.service, of.entity, given); });
  }
  /// As the API shows it, in short.
  json::object shown(const Entity& who, const Challenge& challenge) {
    json::object out{{"account_sid", fixture.account().text()},
                     {"service_sid", api.service.text()},
                     {"entity_sid", who.id.text()},
                     {"identity", who.identity},
                     {"sid", id_text("YC", challenge.id)},
                     {"date_created", to_rfc3339(challenge.created_at)},
                     {"expiration_date", to_rfc3339(challenge.state.expires_at)}};
    for (const std::string_view name : {"factor_sid", "details", "hidden_details"})
      if (const auto* member = challenge.content.if_contains(name)) out[name] = *member;
    return out;
  }
  json::object claims(const Entity& who, const Challenge& challenge, std::string_view status) {
    json::object out = shown(who, challenge);
    out["status"] = status;
    return out;
  }
  Verdict<Challenge> answer(const Entity& who, const Challenge& challenge, const SignedAnswer& signed_answer) {
    return work([&](const usecase::Work& w) {
      return verify_api::answer_device_challenge(w, api.service, who, challenge.id, signed_answer,
                                                 shown(who, challenge));
    });
  }
  /// By that key, as the API judges it: with the key of the device that was asked.
  Verdict<Challenge> answer(const Entity& who, const Challenge& challenge, const json::object& said,
                            const DeviceKey& with, const DeviceKey& asked) {
    return answer(who, challenge, verify_api::judge_device_answer(asked.point(), with.answer(said)));
  }
  Verdict<Challenge> says(const Entity& who, const Challenge& challenge, std::string_view status) {
    return answer(who, challenge, claims(who, challenge, status), key, key);
  }
  std::int64_t count(std::string_view type) {
    return std::ranges::count(fixture.all_events(), type,
                              [](const auto& event) { return std::string_view(event.type); });
  }
  /// Given at sign-up, before anything else: founding.
  verify_api::CreatedDevice founding_device() { return device(key); }
  Answer<verify_api::AskedDevice> ask_for(const TransactionId& id, const verify_api::CreatedDevice& of) {
    return work([&](const usecase::Work& w) { return verify_api::ask_device(w, id, of.factor.row.state.id); });
  }
  Challenge challenge_of(const Entity& who, const Id& id) {
    return *work([&](const usecase::Work& w) { return verify_api::find_challenge(w, api.service, who, id); });
  }
};

}  // namespace countersign::testing
