#include <algorithm>
#include <utility>

#include "tests/unit/usecase/counting.h"
#include "tests/unit/usecase/passkey/key_holder.h"
#include "tests/unit/usecase/push/device_holder.h"
#include "tests/unit/usecase/script.h"
#include "tests/unit/usecase/verify_api/device_key.h"
#include "usecase/risk/decision_log.h"
#include "usecase/risk/rule_book.h"
#include "usecase/risk/trust_book.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/recovery.h"
#include "usecase/verify_api/device.h"
#include "usecase/verify_api/entity.h"

// Fraud rules are asked where a person gets another factor, whoever adds it and however. [ADR 51]
namespace countersign::testing {
namespace {

namespace verify_api = usecase::verify_api;
using domain::Method;
using risk::Outcome;
using risk::Point;
using usecase::BindFactor;

constexpr std::optional<Code> kRefused{Code::kNotAvailableNow};

class RiskEnrolment : public ::testing::Test {
 protected:
  RiskEnrolment() {
    offer_passkeys(fixture);
    offer_push(fixture, sent);
    unlimited(fixture);
    fixture.record_decisions(log);
    fixture.remember(people);
    fixture.policy("any").enrol = {Method::kTotp, Method::kRecoveryCode};
    fixture.request().expires_in = hours(24);
  }

  void rule(Outcome outcome, std::string_view when = "true", bool shadow = false) {
    auto& account = fixture.settings().accounts.at(fixture.account());
    account.risk.rules = {{"mine", {Point::kEnrol}, *risk::Expression::parse(when), outcome, shadow, false}};
    rules = std::make_unique<usecase::RuleBook>(fixture.settings());
    fixture.judge_by(*rules);
  }
  /// Proved her line, so that it counts on its own.
  void known() {
    verify(fixture);
    fixture.wait(hours(25));
  }
  template <class F>
  auto work(F&& f) {
    return fixture.in(
        [&](store::Tx& tx, Moment& moment) { return f({tx, fixture.context(), fixture.caller(), moment}); });
  }

  // By the application, each a kind.
  std::optional<Code> app(BindFactor as = BindFactor::kGiven) {
    EXPECT_EQ(why(fixture.enrol()), kYes);
    return app_again(as);
  }
  std::optional<Code> app_again(BindFactor as = BindFactor::kGiven) {
    fixture.caller().may_vouch = as == BindFactor::kVouched;
    return work([&](const usecase::Work& w) {
      return why(usecase::confirm_factor(w, kIdentity, fixture.factor(), SecretString(fixture.totp_code()), {as}));
    });
  }
  std::optional<Code> codes() {
    return work([&](const usecase::Work& w) {
      const auto made = usecase::make_recovery_codes(w, {std::string(kIdentity), ""});
      return why(usecase::confirm_factor(w, kIdentity, made->id, std::nullopt));
    });
  }
  std::optional<Code> passkey() {
    KeyHolder holder(fixture);
    return why(holder.confirm(holder.enrol()->options));
  }
  std::optional<Code> device(unsigned seed) {
    DeviceHolder holder(fixture, seed);
    return why(holder.confirm(holder.answer_to(holder.enrol()->challenge)));
  }
  // By the Verify-compatible API.
  std::optional<verify_api::ErrorCode> verified_app() {
    EXPECT_EQ(why(fixture.enrol()), kYes);
    return work([&](const usecase::Work& w) -> std::optional<verify_api::ErrorCode> {
      auto entity = verify_api::find_entity(w, fixture.service(), kIdentity);
      if (!entity) entity = verify_api::create_entity(w, fixture.service(), std::string(kIdentity));
      verify_api::FactorChange change;
      change.code = SecretString(fixture.totp_code());
      const auto done = verify_api::update_factor(w, fixture.service(), *entity, fixture.factor(), change);
      return done ? std::nullopt : std::optional(done.error().fault);
    });
  }
  std::optional<verify_api::ErrorCode> phone(unsigned char seed) {
    const DeviceKey key(seed);
    return work([&](const usecase::Work& w) -> std::optional<verify_api::ErrorCode> {
      const auto made = verify_api::create_device(w, fixture.service(), std::string(kIdentity),
                                                  {"Pixel", key.point(), json::object(), json::object()});
      const FactorId& id = made->factor.row.state.id;
      const auto answer = verify_api::judge_first_signature(key.point(), id, key.first_signature(id.text()));
      verify_api::FactorChange change;
      change.answer = &answer;
      const auto done = verify_api::update_factor(w, fixture.service(), made->entity, id, change);
      return done ? std::nullopt : std::optional(done.error().fault);
    });
  }
  // By herself, on a page: an operation approved with her line.
  std::optional<Code> app_on_page() {
    fixture.hold("any");
    const auto begun = work([&](const usecase::Work& w) {
      const auto row = store::find_transaction(w.tx, fixture.account(), fixture.current());
      return usecase::begin_addition(w, *row, {"https://verify.example.com/verify/x", "en", Method::kTotp});
    });
    EXPECT_EQ(why(begun), kYes);
    fixture.use(begun->id);
    const std::string application = std::exchange(fixture.caller().actor, "person");
    EXPECT_EQ(why(fixture.start()), kYes);
    EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
    const auto refused = app_here();
    fixture.caller().actor = application;
    return refused;
  }
  std::optional<Code> app_here() {
    return work([&](const usecase::Work& w) {
      const auto row = store::find_transaction(w.tx, fixture.account(), fixture.current());
      const auto made = usecase::enrol_here(w, *row);
      if (!made) return why(made);
      const auto secret = from_base32(made->secret_base32.expose());
      const std::string code = crypto::totp(*secret, crypto::totp_step(w.moment.now, {}), {});
      return why(usecase::confirm_here(w, *row, made->id, "", SecretString(code)));
    });
  }

  /// Names of the factors that count for her, or wait to.
  std::size_t bound() {
    return static_cast<std::size_t>(std::ranges::count_if(
        fixture.history().bindings, [](const auto& binding) { return !domain::is_contact(binding.kind); }));
  }
  std::vector<risk::Record> decided() {
    std::vector<risk::Record> out;
    for (auto& [account, records] : log.take()) {
      for (auto& record : records) {
        if (record.decision.point == Point::kEnrol) out.push_back(std::move(record));
      }
    }
    return out;
  }

  Fixture fixture;
  SentPushes sent;
  usecase::DecisionLog log;
  usecase::TrustBook people;
  std::unique_ptr<usecase::RuleBook> rules;
};

TEST_F(RiskEnrolment, ARuleThatRefusesStopsEveryKindWhoeverAddsIt) {
  known();
  rule(Outcome::kRefuse);
  EXPECT_EQ(app(), kRefused);
  EXPECT_EQ(codes(), kRefused);
  EXPECT_EQ(passkey(), kRefused);
  EXPECT_EQ(device(7), kRefused);
  EXPECT_EQ(verified_app(), verify_api::ErrorCode::kFactorVerification);
  EXPECT_EQ(phone(1), verify_api::ErrorCode::kFactorVerification);
  EXPECT_EQ(app_on_page(), kRefused);
  EXPECT_EQ(app(BindFactor::kVouched), kRefused);
  EXPECT_EQ(bound(), 0U) << "nothing of hers has changed";
  const auto records = decided();
  ASSERT_EQ(records.size(), 8U);
  for (const auto& record : records) {
    EXPECT_EQ(record.decision.outcome, Outcome::kRefuse);
    EXPECT_TRUE(record.subject);
    EXPECT_EQ(record.features.get(risk::Feature::kEstablished), 1);
  }
  EXPECT_EQ(records[2].features.words.channel, "webauthn");
  EXPECT_EQ(records[6].transaction, fixture.current()) << "the operation in which she added it";
}

TEST_F(RiskEnrolment, ARuleThatDoesNotMatchStopsNone) {
  known();
  rule(Outcome::kRefuse, "established_days > 400");
  EXPECT_EQ(app(), kYes);
  EXPECT_EQ(codes(), kYes);
  EXPECT_EQ(passkey(), kYes);
  EXPECT_EQ(device(7), kYes);
  EXPECT_EQ(verified_app(), std::nullopt);
  EXPECT_EQ(phone(1), std::nullopt);
  EXPECT_EQ(app_on_page(), kYes);
  const auto records = decided();
  ASSERT_EQ(records.size(), 7U) << "each is recorded";
  for (const auto& record : records) EXPECT_EQ(record.decision.outcome, Outcome::kAllow);
}

TEST_F(RiskEnrolment, ARuleCanNameWhatIsAdded) {
  known();
  rule(Outcome::kRefuse, "channel in ('totp', 'push')");
  EXPECT_EQ(app(), kRefused);
  EXPECT_EQ(device(7), kRefused);
  EXPECT_EQ(phone(1), verify_api::ErrorCode::kFactorVerification);
  EXPECT_EQ(codes(), kYes);
  EXPECT_EQ(passkey(), kYes);
}

TEST_F(RiskEnrolment, AnotherKindStopsWhatComesFromTheApplicationAlone) {
  known();
  rule(Outcome::kAnotherKind);
  EXPECT_EQ(app(), kRefused);
  EXPECT_EQ(app_on_page(), kYes) << "she has proved a source that counts";
  EXPECT_EQ(app(BindFactor::kVouched), kYes);
}

TEST_F(RiskEnrolment, AReviewIsSupportsWord) {
  known();
  rule(Outcome::kReview);
  EXPECT_EQ(app_on_page(), kRefused);
  EXPECT_EQ(app(), kRefused);
  EXPECT_EQ(app_again(), Code::kWrongCode) << "its code is spent";
  fixture.wait(seconds(60));
  EXPECT_EQ(app_again(BindFactor::kVouched), kYes) << "the same factor, with support's word";
}

TEST_F(RiskEnrolment, APasskeyThatWasStoppedTakesSupportsWordWithTheSameAnswer) {
  known();
  rule(Outcome::kReview);
  KeyHolder holder(fixture);
  const auto answer = holder.device.create(holder.enrol()->options);
  EXPECT_EQ(why(holder.confirm_with(answer)), kRefused);
  fixture.caller().may_vouch = true;
  EXPECT_EQ(why(holder.confirm_with(answer, {BindFactor::kVouched})), kYes);
  EXPECT_EQ(why(holder.confirm_with(answer, {BindFactor::kVouched})), Code::kFactorUnusable);
}

TEST_F(RiskEnrolment, NotesAndShadowsStopNothing) {
  known();
  rule(Outcome::kNote);
  EXPECT_EQ(app(), kYes);
  rule(Outcome::kRefuse, "true", true);
  EXPECT_EQ(codes(), kYes);
  const auto records = decided();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].decision.outcome, Outcome::kNote);
  EXPECT_EQ(records[1].decision.allow_reason, risk::AllowReason::kShadow);
}

TEST_F(RiskEnrolment, TheFirstOneByALinkIsAsked) {
  fixture.policy("any").trust_on_first_use = true;
  fixture.request().contacts.clear();
  rule(Outcome::kAnotherKind, "!established");
  fixture.hold("any");
  EXPECT_EQ(app_here(), kRefused) << "nobody else says that it is hers";
  rule(Outcome::kAnotherKind, "established");
  EXPECT_EQ(app_here(), kYes);
}

TEST_F(RiskEnrolment, WhatIsRememberedOfHerIsKnownThere) {
  fixture.caller().end_user = IpAddress::parse("203.0.113.7");
  rule(Outcome::kRefuse, "new_network || denials_day >= 2");
  known();
  EXPECT_EQ(app(), kYes) << "where she has approved something";
  fixture.caller().end_user = IpAddress::parse("198.51.100.1");
  EXPECT_EQ(app(), kRefused);
  fixture.caller().end_user.reset();
  EXPECT_EQ(app(), kYes) << "what the application does not say is held against nobody";
  const usecase::TrustBook::Person her{fixture.account(), fixture.history().subject};
  for (int i = 0; i < 2; ++i) people.note_event(her, risk::Profile::Event::kDenial, fixture.now());
  EXPECT_EQ(app(), kRefused);
  // What was learned is in the database alone, as on another node.
  const auto unwritten = people.take();
  fixture.in([&](store::Tx& tx, Moment& moment) {
    usecase::write_trust(tx, unwritten, moment.now);
    return Done{};
  });
  usecase::TrustBook other;
  fixture.remember(other);
  EXPECT_EQ(app(), kRefused);
}

// Only rules that ask what is remembered cost a statement there; others, and none, cost nothing.
TEST_F(RiskEnrolment, AsksTheDatabaseNothingUnlessARuleDoes) {
  known();
  const auto statements = [&] {
    EXPECT_EQ(why(fixture.enrol()), kYes);
    Asked asked;
    EXPECT_EQ(why(counted(fixture, asked,
                          [&](store::Tx& tx, Moment& moment) {
                            return usecase::confirm_factor({tx, fixture.context(), fixture.caller(), moment}, kIdentity,
                                                           fixture.factor(), SecretString(fixture.totp_code()));
                          })),
              kYes);
    return asked.statements;
  };
  static_cast<void>(statements());  // The first one of hers.
  const auto without = statements();
  rule(Outcome::kNote, "established");
  EXPECT_EQ(statements(), without);
  rule(Outcome::kNote, "denials_day > 1");
  EXPECT_EQ(statements(), without + 1);
}

}  // namespace
}  // namespace countersign::testing
