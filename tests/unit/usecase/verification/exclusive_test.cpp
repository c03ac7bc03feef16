// Long because all share one fixture: our provider, and a server that behaves like the real one.
#include <future>

#include "crypto/otp.h"
#include "delivery/http_client.h"
#include "delivery/providers/twilio_verify.h"
#include "store/repository/accounts.h"
#include "store/repository/retention.h"
#include "store/repository/upstream_claims.h"
#include "support/doubles/twilio_verify_double.h"
#include "support/settings.h"
#include "tests/unit/usecase/script.h"
#include "usecase/outbox/work_upstream_ends.h"
#include "usecase/subject/erase.h"
#include "usecase/verify_api/code.h"

// A provider of the kind of Twilio Verify keeps one pending verification for a number, and sends its code once more to
// whoever asks next. Here with our provider of it, and a server that behaves like it: a code that was sent for one
// transaction proves no other, whatever is lost on the way.
namespace countersign::testing {
namespace {

using delivery::Accepted;
using delivery::ProviderError;
using usecase::verify_api::StartCode;

using Outcome = Result<Accepted, ProviderError>;

class Exclusive : public ::testing::Test {
 protected:
  explicit Exclusive(TwilioVerifyDouble::Settings settings = {}) : twilio(settings) {
    options.account.account_sid = twilio.credentials().account_sid;
    options.account.user = twilio.credentials().user;
    options.account.password = SecretString(twilio.credentials().password);
    options.account.base_url = twilio.server().url();
    options.account.plain_http = delivery::PlainHttp::kAllowed;
    options.service_sid = twilio.service_sid();
    options.psd2 = settings.psd2;
    fixture.request().service = "upstream";
    fixture.settings().accounts.at(fixture.account()).services.back().providers[Channel::kSms] = provider();
  }
  ~Exclusive() override { EXPECT_TRUE(twilio.violations().empty()) << twilio.violations().front(); }

  usecase::ChannelProvider provider() const { return {"verifier", true, twilio.service_sid()}; }

  TransactionId hold(std::string_view amount, std::string_view payee, std::string_view identity = kIdentity) {
    fixture.request().identity = identity;
    fixture.request().display.amount = domain::Amount{std::string(amount), "BRL"};
    fixture.request().display.payee = payee;
    return fixture.hold("any");
  }

  // The courier's part, in steps.
  Outcome call(const usecase::QueuedMessage& message) {
    std::promise<Outcome> promise;
    delivery::TwilioVerify(http, fixture.clock(), options)
        .start(std::get<delivery::VerificationStart>(message.content),
               [&](Outcome outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get();
  }
  void deliver(const usecase::QueuedMessage& message) { fixture.finish(message, call(message)); }
  /// What another node, or this one later, takes over once leases have run out.
  void deliver_due() {
    for (const auto& message : fixture.due_messages()) deliver(message);
  }

  std::optional<Code> start(const TransactionId& id) {
    fixture.use(id);
    const auto why_not = why(fixture.start());
    if (!why_not) deliver(fixture.sent().back());
    return why_not;
  }
  Result<delivery::VerifierVerdict, ProviderError> judge(const usecase::AskProvider& asked) {
    std::promise<Result<delivery::VerifierVerdict, ProviderError>> promise;
    delivery::TwilioVerify(http, fixture.clock(), options).check(asked.check, [&](auto verdict) {
      promise.set_value(std::move(verdict));
    });
    return promise.get_future().get();
  }
  std::optional<Code> check(const TransactionId& id, const std::string& code) {
    fixture.use(id);
    const auto asked = fixture.ask(code);
    if (!asked) return asked.error().code;
    const auto verdict = judge(*asked);
    return why(fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::conclude_check({tx, fixture.context(), fixture.caller(), moment}, *asked, verdict);
    }));
  }
  std::string code() const { return twilio.last_code_to(std::string(kPhone)); }
  /// Ends at the provider what is to be ended there. Answers how many.
  int end_due() {
    const auto due = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::lease_due_upstream_ends(tx, fixture.context(), 100, moment);
    });
    for (const auto& row : due.jobs) {
      std::promise<Result<Done, ProviderError>> promise;
      delivery::TwilioVerify(http, fixture.clock(), options).cancel(row.provider_ref, [&](auto outcome) {
        promise.set_value(std::move(outcome));
      });
      const auto outcome = promise.get_future().get();
      fixture.in([&](store::Tx& tx, Moment& moment) {
        usecase::finish_upstream_end(tx, row, outcome, moment);
        return Done{};
      });
    }
    return static_cast<int>(due.jobs.size());
  }
  std::string status_there() { return twilio.status_of(fixture.verification().provider_ref.value_or("")); }
  TransactionStatus status(const TransactionId& id) {
    fixture.use(id);
    return fixture.status();
  }

  // A standalone code, to the same number.
  std::optional<usecase::verify_api::ErrorCode> start_code() {
    StartCode request;
    request.service = fixture.settings().accounts.at(fixture.account()).services.back().id;
    request.to = kPhone;
    auto started = fixture.in([&](store::Tx& tx, Moment& moment) {
      auto verdict = usecase::verify_api::start_code({tx, fixture.context(), fixture.caller(), moment}, request);
      if (!verdict) tx.abandon();
      return verdict;
    });
    if (!started) return started.error().fault;
    deliver(*started->queued);
    return std::nullopt;
  }

  Fixture fixture;
  TwilioVerifyDouble twilio;
  delivery::TwilioVerifyOptions options;
  delivery::HttpClient http{{}, system_clock()};
};

TEST_F(Exclusive, ACodeProvesItsOwnTransaction) {
  const auto id = hold("1.00", "A");
  ASSERT_EQ(start(id), kYes);
  EXPECT_EQ(check(id, code()), kYes);
  EXPECT_EQ(status(id), TransactionStatus::kVerified);
}

TEST_F(Exclusive, TheCodeForOneAmountReleasesNoOther) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(start(small), kYes);
  const auto code_of_small = code();
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(start(large), kYes);
  EXPECT_NE(check(large, code_of_small), kYes);
  EXPECT_EQ(status(large), TransactionStatus::kHeld);
  // The older is over, here and there; the newer has a code of its own.
  EXPECT_EQ(check(small, code_of_small), Code::kWrongCode);
  EXPECT_EQ(check(small, code()), Code::kWrongCode);
  EXPECT_EQ(status(small), TransactionStatus::kHeld);
  EXPECT_EQ(check(large, code()), kYes);
  EXPECT_EQ(status(large), TransactionStatus::kVerified);
}

TEST_F(Exclusive, TheOlderOneShowsThatItIsOver) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(start(small), kYes);
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(start(large), kYes);
  fixture.use(small);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kCanceled);
  EXPECT_EQ(fixture.events().back(), "verification.superseded");
  EXPECT_EQ(status(small), TransactionStatus::kHeld) << "another code may be asked for";
  ASSERT_EQ(start(small), kYes);
  EXPECT_EQ(check(small, code()), kYes);
  EXPECT_EQ(status(large), TransactionStatus::kHeld);
}

// Its own request would end it there. But the message may expire, or its node with it.
TEST_F(Exclusive, TheOlderOneIsOverThereAlsoIfTheNewerOneIsNeverSent) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(start(small), kYes);
  const auto large = hold("99999.00", "B");
  fixture.use(large);
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.use(small);
  ASSERT_EQ(status_there(), "pending");
  EXPECT_EQ(end_due(), 1);
  EXPECT_EQ(status_there(), "canceled");
}

TEST_F(Exclusive, EndingTheOlderOneDoesNotEndTheNewerOne) {
  ASSERT_EQ(start(hold("1.00", "A")), kYes);
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(start(large), kYes);
  EXPECT_EQ(end_due(), 1);
  EXPECT_EQ(check(large, code()), kYes);
}

TEST_F(Exclusive, TheAuditLogNamesTheNewerOneOfTheSameTransaction) {
  fixture.settings().accounts.at(fixture.account()).services.back().providers[Channel::kCall] = provider();
  fixture.request().contacts.push_back({Channel::kCall, std::string(kPhone)});
  const auto id = hold("1.00", "A");
  ASSERT_EQ(start(id), kYes);
  const auto older = fixture.verification().state.id;
  fixture.wait(minutes(2));
  ASSERT_EQ(why(fixture.start(Channel::kCall)), kYes);
  const auto newer = fixture.verification().state.id;
  const auto all = fixture.all_events();
  const auto event = std::ranges::find(all, "verification.superseded", &store::EventRow::type);
  ASSERT_NE(event, all.end());
  EXPECT_EQ(event->data, R"({"verification":")" + older.text() + R"(","superseded_by":")" + newer.text() + R"("})");
}

TEST_F(Exclusive, ALoginCodeReleasesNoPayout) {
  ASSERT_EQ(start_code(), std::nullopt);
  const auto login_code = code();
  const auto payout = hold("99999.00", "B");
  EXPECT_EQ(start(payout), Code::kResendTooSoon);
  EXPECT_NE(check(payout, login_code), kYes);
  EXPECT_EQ(status(payout), TransactionStatus::kHeld);
}

TEST_F(Exclusive, NorAPayoutsCodeALogin) {
  const auto payout = hold("99999.00", "B");
  ASSERT_EQ(start(payout), kYes);
  const auto payout_code = code();
  EXPECT_EQ(start_code(), usecase::verify_api::ErrorCode::kTooManyRequests);
  EXPECT_EQ(check(payout, payout_code), kYes);
}

TEST_F(Exclusive, AnotherTenantEndsNothing) {
  // The configuration refuses one Verify service for two accounts. Should it come to that all the same:
  const auto ours = hold("1.00", "A");
  ASSERT_EQ(start(ours), kYes);
  const auto our_code = code();
  const auto home = fixture.caller();
  const auto [account, service] = fixture.in([](store::Tx& tx, Moment& moment) {
    const auto id = store::ensure_account(tx, "other", moment);
    return std::pair(id, store::ensure_service(tx, id, "theirs", moment));
  });
  auto settings = fixture.settings().accounts.at(fixture.account());
  settings.id = account;
  settings.services = {test_service(service, "theirs", {"any"})};
  settings.services.front().providers[Channel::kSms] = provider();
  fixture.settings().accounts.emplace(account, settings);
  fixture.caller().account = account;
  fixture.request().service = "theirs";
  const auto held = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::hold({tx, fixture.context(), fixture.caller(), moment}, fixture.request());
  });
  const auto theirs = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::start_verification({tx, fixture.context(), fixture.caller(), moment},
                                       {held->id, Channel::kSms, {}});
  });
  EXPECT_EQ(why(theirs), Code::kResendTooSoon);
  if (theirs) deliver(theirs->queued);
  EXPECT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::cancel({tx, fixture.context(), fixture.caller(), moment}, held->id);
            })),
            kYes);
  end_due();
  fixture.caller() = home;
  EXPECT_EQ(check(ours, our_code), kYes);
}

TEST_F(Exclusive, AnotherSubjectIsToldWhatItWouldBeToldOfItsOwn) {
  const auto first = hold("1.00", "A");
  ASSERT_EQ(start(first), kYes);
  const auto own = fixture.start();
  const auto other = hold("2.00", "B", "somebody-else");
  fixture.use(other);
  const auto refused = fixture.start();
  ASSERT_EQ(why(own), Code::kResendTooSoon);
  ASSERT_EQ(why(refused), Code::kResendTooSoon);
  EXPECT_EQ(refused.error().detail, own.error().detail);
  EXPECT_EQ(refused.error().retry_after, own.error().retry_after);
  // However long the other one still has.
  fixture.wait(minutes(5));
  EXPECT_EQ(fixture.start().error().retry_after, own.error().retry_after);
  EXPECT_EQ(check(first, code()), kYes) << "and nothing of the first was touched";
}

TEST_F(Exclusive, AfterTheEndOfOneAnotherSubjectBegins) {
  const auto first = hold("1.00", "A");
  ASSERT_EQ(start(first), kYes);
  const auto first_code = code();
  fixture.use(first);
  ASSERT_EQ(why(fixture.cancel()), kYes);  // And the provider was not told.
  const auto other = hold("2.00", "B", "somebody-else");
  ASSERT_EQ(start(other), kYes);
  EXPECT_NE(check(other, first_code), kYes);
  EXPECT_EQ(check(other, code()), kYes);
}

TEST_F(Exclusive, NobodyIsKeptFromANumberThatSheHasProved) {
  const auto proved = hold("1.00", "A");
  ASSERT_EQ(start(proved), kYes);
  ASSERT_EQ(check(proved, code()), kYes);
  const auto strange = hold("5.00", "E", "stranger");
  ASSERT_EQ(start(strange), kYes);
  const auto strange_code = code();
  const auto mine = hold("2.00", "B");
  ASSERT_EQ(start(mine), kYes);
  EXPECT_EQ(check(strange, strange_code), Code::kWrongCode);
  fixture.use(strange);
  EXPECT_EQ(why(fixture.start()), Code::kResendTooSoon) << "not the other way round";
  EXPECT_EQ(check(mine, code()), kYes);
}

TEST_F(Exclusive, SentOnceMoreItIsTheSameVerification) {
  const auto id = hold("1.00", "A");
  ASSERT_EQ(start(id), kYes);
  const auto ref = fixture.verification().provider_ref;
  fixture.wait(seconds(30));
  ASSERT_EQ(start(id), kYes);
  EXPECT_EQ(fixture.verification().provider_ref, ref);
  EXPECT_EQ(twilio.sends_of(*ref), 2U);
  EXPECT_EQ(check(id, code()), kYes);
}

TEST_F(Exclusive, WhatSomebodyElseLeftThereIsEnded) {
  // Another program uses the service too, against all advice.
  usecase::QueuedMessage foreign;
  delivery::VerificationStart foreign_start;
  foreign_start.channel = Channel::kSms;
  foreign_start.to = kPhone;
  foreign.content = foreign_start;
  ASSERT_TRUE(call(foreign));
  const auto foreign_code = code();
  const auto id = hold("1.00", "A");
  ASSERT_EQ(start(id), kYes);
  EXPECT_EQ(check(id, foreign_code), Code::kNotSentYet) << "its code is nobody's";
  fixture.wait(minutes(1));
  deliver_due();
  EXPECT_NE(code(), foreign_code);
  EXPECT_EQ(check(id, code()), kYes);
}

// What is lost, and when. A start is: commit; end what is pending there; begin there; write the answer down.

TEST_F(Exclusive, ACrashBeforeTheCall) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(why(fixture.start()), kYes);  // And the process ends.
  const auto large = hold("99999.00", "B");
  EXPECT_EQ(start(large), Code::kResendTooSoon) << "the call may be under way";
  fixture.wait(seconds(121));
  ASSERT_EQ(start(large), kYes);
  const auto large_code = code();
  deliver_due();
  EXPECT_EQ(code(), large_code) << "what was ended is not begun any more";
  EXPECT_EQ(check(small, large_code), Code::kWrongCode);
  EXPECT_EQ(check(large, large_code), kYes);
}

TEST_F(Exclusive, ACrashBeforeTheAnswerIsWrittenDown) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_TRUE(call(fixture.sent().back()));  // And the process ends.
  const auto small_code = code();
  fixture.wait(seconds(121));
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(start(large), kYes);
  EXPECT_NE(check(large, small_code), kYes);
  EXPECT_NE(check(small, code()), kYes);
  EXPECT_EQ(check(large, code()), kYes);
}

TEST_F(Exclusive, AfterALostAnswerThePersonAsksAnew) {
  const auto id = hold("1.00", "A");
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_TRUE(call(fixture.sent().back()));
  const auto lost = code();
  fixture.finish(fixture.sent().back(), fail(unavailable(true)));
  fixture.wait(minutes(1));
  deliver_due();
  EXPECT_EQ(code(), lost) << "another code was sent, though this one may have arrived";
  ASSERT_EQ(start(id), kYes);
  EXPECT_EQ(check(id, code()), kYes);
}

TEST_F(Exclusive, WhatWasNotTakenOverIsAskedForAnew) {
  const auto id = hold("1.00", "A");
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.finish(fixture.sent().back(), fail(unavailable()));
  fixture.wait(minutes(1));
  deliver_due();
  EXPECT_EQ(check(id, code()), kYes);
}

TEST_F(Exclusive, ACallThatComesAfterItsLeaseIsNotMade) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto stalled = fixture.sent().back();  // Its node stands still.
  fixture.wait(seconds(121));
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(start(large), kYes);
  const auto large_code = code();
  const auto late = call(stalled);
  ASSERT_FALSE(late);
  EXPECT_TRUE(delivery::is_retryable(late.error()));
  fixture.finish(stalled, late);
  EXPECT_EQ(code(), large_code);
  EXPECT_EQ(check(small, large_code), Code::kWrongCode);
  EXPECT_EQ(check(large, large_code), kYes);
}

TEST_F(Exclusive, AnAnswerToTheFirstRequestDoesNotEndTheSecond) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto first = fixture.sent().back();
  fixture.wait(seconds(60));
  const auto second = fixture.due_messages();  // Another node has taken it over.
  ASSERT_EQ(second.size(), 1U);
  fixture.finish(first, fail(unavailable()));
  const auto large = hold("99999.00", "B");
  EXPECT_EQ(start(large), Code::kResendTooSoon) << "the second is under way";
  deliver(second.front());
  EXPECT_EQ(check(small, code()), kYes);
}

TEST_F(Exclusive, WhatWasOverStaysWithoutItsNumberWhenTheClockIsSetBack) {
  const auto first = hold("1.00", "A");
  ASSERT_EQ(start(first), kYes);
  const auto first_code = code();
  fixture.wait(minutes(10));
  const auto other = hold("2.00", "B", "somebody-else");
  ASSERT_EQ(start(other), kYes);
  fixture.wait(-minutes(5));
  fixture.use(first);
  ASSERT_EQ(domain::status_at(fixture.verification().state, fixture.now()), VerificationStatus::kPending);
  EXPECT_EQ(why(fixture.ask(first_code)), Code::kWrongCode) << "the provider is not even asked";
  EXPECT_EQ(check(other, code()), kYes);
}

TEST_F(Exclusive, ALateAnswerGivesNothingBack) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto stalled = fixture.sent().back();
  const auto answer = call(stalled);
  ASSERT_TRUE(answer);
  fixture.wait(seconds(121));
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(start(large), kYes);
  fixture.finish(stalled, answer);  // Twice, even.
  fixture.finish(stalled, answer);
  fixture.use(large);
  EXPECT_NE(fixture.verification().provider_ref, answer->provider_ref);
  fixture.use(small);
  EXPECT_FALSE(fixture.verification().provider_ref);
  EXPECT_EQ(check(large, code()), kYes);
}

TEST_F(Exclusive, ARequestThatArrivesLateEndsWhatItWouldHaveSent) {
  // Held up between us and the provider beyond all our deadlines: it is answered with the newer one's code.
  const auto small = hold("1.00", "A");
  ASSERT_EQ(why(fixture.start()), kYes);
  auto stalled = fixture.sent().back();
  fixture.wait(seconds(121));
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(start(large), kYes);
  auto& late = std::get<delivery::VerificationStart>(stalled.content);
  late.call_before.reset();
  EXPECT_FALSE(call(stalled));
  EXPECT_NE(check(large, code()), kYes) << "its code was in a message for another one";
  EXPECT_NE(check(small, code()), kYes);
}

TEST_F(Exclusive, ACrashBetweenEndingAndBeginning) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(start(small), kYes);
  const auto small_code = code();
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(why(fixture.start()), kYes);
  twilio.answer_next(twilio_error(503, 20503, "Service unavailable"));  // To the request that ends the older.
  deliver(fixture.sent().back());
  EXPECT_EQ(check(large, small_code), Code::kNotSentYet);
  EXPECT_EQ(check(small, small_code), Code::kWrongCode) << "it is over here, whatever is pending there";
  fixture.wait(minutes(1));
  deliver_due();
  EXPECT_NE(check(large, small_code), kYes);
  EXPECT_EQ(check(large, code()), kYes);
}

TEST_F(Exclusive, WhatALostSourceEndsHereIsEndedThere) {
  fixture.request().identity = kIdentity;
  fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  fixture.request().service = "upstream";
  const std::string key(20, 's');
  const auto app_code = [&] { return crypto::totp(key, crypto::totp_step(fixture.now(), {}), {}); };
  const FactorId app = fixture.in([&](store::Tx& tx, Moment& moment) {
    usecase::EnrolRequest request;
    request.identity = kIdentity;
    request.secret = SecretString(key);
    request.service = fixture.settings().accounts.at(fixture.account()).services.back().id;
    const auto enrolment = usecase::enrol_totp({tx, fixture.context(), fixture.caller(), moment}, request);
    EXPECT_TRUE(enrolment);
    EXPECT_TRUE(usecase::confirm_factor({tx, fixture.context(), fixture.caller(), moment}, kIdentity, enrolment->id,
                                        SecretString(app_code())));
    return enrolment->id;
  });
  fixture.wait(seconds(60));
  const auto held = fixture.hold("strict");
  ASSERT_EQ(start(held), kYes);
  ASSERT_EQ(why(fixture.check_totp(app_code())), kYes);
  ASSERT_EQ(status_there(), "pending");
  ASSERT_EQ(why(fixture.remove(app)), kYes);
  ASSERT_EQ(status(held), TransactionStatus::kCanceled);
  EXPECT_EQ(end_due(), 1);
  EXPECT_EQ(status_there(), "canceled");
  EXPECT_EQ(end_due(), 0);
}

TEST_F(Exclusive, WhatAnErasureEndsHereIsEndedThere) {
  ASSERT_EQ(start(hold("1.00", "A")), kYes);
  fixture.in([&](store::Tx& tx, Moment& moment) {
    return why(usecase::ask_for_erasure({tx, fixture.context(), fixture.caller(), moment}, kIdentity));
  });
  fixture.wait(hours(72));
  const auto open = hold("2.00", "A");
  ASSERT_EQ(start(open), kYes);
  ASSERT_EQ(fixture.in([&](store::Tx& tx, Moment& m) { return usecase::erase_due(tx, fixture.context(), 10, m); }), 1);
  ASSERT_EQ(status(open), TransactionStatus::kCanceled);
  ASSERT_EQ(status_there(), "pending");
  EXPECT_EQ(end_due(), 1);
  EXPECT_EQ(status_there(), "canceled");
}

TEST_F(Exclusive, EndingIsTriedAgainUntilTheCodeIsOver) {
  const auto held = hold("1.00", "A");
  ASSERT_EQ(start(held), kYes);
  ASSERT_EQ(why(fixture.cancel()), kYes);
  twilio.answer_next({503, {}, ""});
  ASSERT_EQ(end_due(), 1);
  ASSERT_EQ(status_there(), "pending");
  fixture.wait(seconds(3));
  // A node that takes it over, and dies.
  ASSERT_EQ(fixture
                .in([&](store::Tx& tx, Moment& moment) {
                  return usecase::lease_due_upstream_ends(tx, fixture.context(), 100, moment);
                })
                .jobs.size(),
            1U);
  EXPECT_EQ(end_due(), 0);
  fixture.wait(seconds(61));
  EXPECT_EQ(end_due(), 1);
  EXPECT_EQ(status_there(), "canceled");
  fixture.wait(hours(1));
  EXPECT_EQ(end_due(), 0);

  ASSERT_EQ(start(hold("2.00", "B")), kYes);
  ASSERT_EQ(why(fixture.cancel()), kYes);
  fixture.wait(minutes(10));
  EXPECT_EQ(end_due(), 0);  // Over by itself.
}

TEST_F(Exclusive, AnAnswerThatComesAfterTheEndIsEndedToo) {
  fixture.use(hold("1.00", "A"));
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto message = fixture.sent().back();
  const auto outcome = call(message);
  ASSERT_EQ(why(fixture.cancel()), kYes);
  EXPECT_EQ(end_due(), 0);  // Nobody knows yet by which name.
  fixture.finish(message, outcome);
  EXPECT_EQ(end_due(), 1);
  EXPECT_EQ(twilio.status_of(outcome->provider_ref), "canceled");
}

TEST_F(Exclusive, ALateAnswerOfTheOlderOneIsEndedAlsoIfTheNewerOneIsNeverSent) {
  fixture.use(hold("1.00", "A"));
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto stalled = fixture.sent().back();
  const auto answer = call(stalled);
  ASSERT_TRUE(answer);
  fixture.wait(seconds(121));
  fixture.use(hold("99999.00", "B"));
  ASSERT_EQ(why(fixture.start()), kYes);  // Takes the number here; its request is never made.
  EXPECT_EQ(end_due(), 0) << "nobody knows yet by which name";
  fixture.finish(stalled, answer);
  EXPECT_EQ(end_due(), 1);
  EXPECT_EQ(twilio.status_of(answer->provider_ref), "canceled");
}

TEST_F(Exclusive, ALateAnswerToTheFirstRequestIsEndedAndTheSecondStays) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto first = fixture.sent().back();
  fixture.wait(seconds(60));
  const auto second = fixture.due_messages();  // Another node has taken it over.
  ASSERT_EQ(second.size(), 1U);
  const auto late = call({first});
  EXPECT_FALSE(late) << "its time to begin is over";
  const auto answer = call(second.front());
  ASSERT_TRUE(answer);
  fixture.finish(first, Accepted{"VE-of-the-first"});
  EXPECT_EQ(end_due(), 1);
  fixture.finish(second.front(), answer);
  fixture.finish(second.front(), answer);  // Written down twice, it is its own all the same.
  EXPECT_EQ(end_due(), 0);
  EXPECT_EQ(check(small, code()), kYes);
}

TEST_F(Exclusive, AVerdictOfTheOlderOneComesTooLate) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(start(small), kYes);
  fixture.use(small);
  const auto asked = fixture.ask(code());
  const auto large = hold("99999.00", "B");
  const auto verdict = judge(*asked);
  ASSERT_EQ(start(large), kYes);
  ASSERT_TRUE(verdict);
  fixture.use(small);
  EXPECT_EQ(why(fixture.conclude(*asked, *verdict)), Code::kWrongCode);
  EXPECT_EQ(status(small), TransactionStatus::kHeld);
  EXPECT_EQ(check(large, code()), kYes);
}

TEST_F(Exclusive, ADeliveryReportChangesNoOwner) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(start(small), kYes);
  const auto message = fixture.sent().back();
  const auto ref = *fixture.verification().provider_ref;
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(start(large), kYes);
  for (int i = 0; i < 2; ++i) {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::report_delivery(
          tx, fixture.context(), {fixture.account(), message.id, ref, {contact::DeliveryStage::kDelivered}}, moment);
    });
  }
  EXPECT_NE(check(small, code()), kYes);
  EXPECT_EQ(check(large, code()), kYes);
}

TEST_F(Exclusive, WhoseANumberWasIsForgottenADayAfterItsEnd) {
  const auto id = hold("1.00", "A");
  ASSERT_EQ(start(id), kYes);
  const auto kept = [&](Duration after) {
    const auto verification = fixture.verification().state;
    return fixture.in([&](store::Tx& tx, Moment&) {
      static_cast<void>(store::purge(tx, fixture.account(),
                                     {hours(9000), hours(9000), hours(9000), hours(9000), hours(9000)},
                                     verification.expires_at + after, 100));
      return store::upstream_claim_of(tx, twilio.service_sid(), fixture.account(), verification.id).has_value();
    });
  };
  EXPECT_TRUE(kept(hours(24)));
  EXPECT_FALSE(kept(hours(24) + kTick));
}

class ExclusivePsd2 : public Exclusive {
 protected:
  ExclusivePsd2() : Exclusive({.psd2 = true}) {}
};

TEST_F(ExclusivePsd2, TwoPaymentsOfOneAmountToOnePayeeAreTwo) {
  const auto first = hold("1.00", "A");
  ASSERT_EQ(start(first), kYes);
  const auto first_code = code();
  const auto second = hold("1.00", "A");
  ASSERT_EQ(start(second), kYes);
  EXPECT_NE(check(second, first_code), kYes);
  EXPECT_EQ(check(second, code()), kYes);
}

TEST_F(ExclusivePsd2, AnotherAmountHasAnotherCode) {
  const auto small = hold("1.00", "A");
  ASSERT_EQ(start(small), kYes);
  const auto small_code = code();
  const auto large = hold("99999.00", "B");
  ASSERT_EQ(start(large), kYes);
  EXPECT_NE(check(large, small_code), kYes);
  EXPECT_EQ(check(large, code()), kYes);
}

}  // namespace
}  // namespace countersign::testing
