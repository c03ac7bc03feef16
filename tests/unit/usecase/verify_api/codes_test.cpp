#include "usecase/verify_api/code.h"

#include "store/repository/attempts.h"
#include "store/repository/retention.h"
#include "verify_script.h"

namespace countersign::testing {

namespace {

// Nobody is sent them, so none of the limits on messages holds them back; but they are kept like all others. All but
// the last of a day are only counted here, since each takes a dozen statements.
TEST(Codes, OfTestsThereAreOnlySoManyADay) {
  Verify verify;
  verify.make_service({{"countersign", json::object{{"test_code", "123456"}}}});
  auto& limits = verify.fixture.limits();
  limits.sends_per_account = limits.sends_per_country = {3, std::chrono::hours(24)};
  const auto max = static_cast<int>(usecase::verify_api::kTestStarts.max);
  constexpr int kRun = 100;
  int started = 0;
  std::optional<ErrorCode> fault;
  verify.fixture.in([&](store::Tx& tx, Moment& moment) {
    for (; started < max - kRun; ++started) {
      if (usecase::verify_api::count_test(tx, verify.fixture.caller(), "test starts", usecase::verify_api::kTestStarts,
                                          moment.now))
        break;
    }
    for (; started <= max + 10; ++started) {
      auto request = verify.request();
      request.to = "+551198765" + std::to_string(1000 + started % 9000);
      if (const auto code =
              usecase::verify_api::start_code({tx, verify.fixture.context(), verify.fixture.caller(), moment}, request);
          !code) {
        fault = code.error().fault;
        break;
      }
    }
    return Done{};
  });
  EXPECT_EQ(started, max);
  EXPECT_EQ(fault, ErrorCode::kTooManyRequests);
  verify.fixture.wait(std::chrono::hours(24));
  EXPECT_TRUE(verify.start());
}

TEST(Codes, TestCredentialsMakeOnlySoManyServices) {
  Verify verify;
  verify.fixture.caller().test_only = true;
  std::int64_t made = 0;
  verify.fixture.in([&](store::Tx& tx, Moment& moment) {
    while (made <= usecase::verify_api::kTestServicesMax &&
           usecase::verify_api::create_service({tx, verify.fixture.context(), verify.fixture.caller(), moment},
                                               {{"friendly_name", "Tests"}}))
      ++made;
    return Done{};
  });
  EXPECT_EQ(made, usecase::verify_api::kTestServicesMax);
}

// It lives as a transaction, of which the native API says that there is none.
TEST(Codes, TheNativeApiFindsNone) {
  Verify verify;
  const auto view = verify.start();
  ASSERT_TRUE(view);
  Fixture& fixture = verify.fixture;
  fixture.use(TransactionId{view->id.id});
  EXPECT_EQ(why(fixture.start()), Code::kNotFound);
  EXPECT_EQ(why(fixture.check(verify.code)), Code::kNotFound);
  EXPECT_EQ(why(fixture.check_totp("123456")), Code::kNotFound);
  EXPECT_EQ(why(fixture.cancel()), Code::kNotFound);
  EXPECT_EQ(why(fixture.deny()), Code::kNotFound);
  EXPECT_EQ(why(fixture.claim()), Code::kNotFound);
  EXPECT_EQ(why(fixture.ack("token")), Code::kNotFound);
  EXPECT_EQ(fixture.verification().state.attempts, 0) << "nothing was spent";
  EXPECT_EQ(fixture.sent().size(), 0U);
  const auto checked = verify.check(verify.code);
  ASSERT_TRUE(checked) << "and it is as good as before";
  EXPECT_EQ(checked->status, Status::kApproved);
}

TEST(VerifyCodes, IsOverAfterItsTime) {
  Verify verify;
  const auto sent = verify.start();
  ASSERT_EQ(fault_of(sent), kNone);
  verify.fixture.wait(minutes(10) - Duration(1));
  EXPECT_EQ(verify.show({verify.service, {}, verify.to})->status, Status::kPending);
  verify.fixture.wait(Duration(1));
  const auto late = verify.check(verify.code);
  ASSERT_EQ(fault_of(late), ErrorCode::kNotFound);
  EXPECT_EQ(late.error().ended, "expired");
  EXPECT_EQ(fault_of(verify.show({verify.service, {}, verify.to})), ErrorCode::kNotFound);
  EXPECT_EQ(verify.show({verify.service, sent->id, ""})->status, Status::kExpired);
  EXPECT_NE(verify.start()->id, sent->id);
}

TEST(VerifyCodes, ASecondSendingDoesNotProlongIt) {
  Verify verify;
  const auto first = verify.start();
  verify.fixture.wait(minutes(9));
  const auto second = verify.start(Channel::kCall);
  ASSERT_EQ(fault_of(second), kNone);
  EXPECT_EQ(second->id, first->id);
  EXPECT_EQ(second->channel, Channel::kCall);
  EXPECT_EQ(second->sendings.size(), 2U);
  verify.fixture.wait(minutes(1));
  EXPECT_EQ(fault_of(verify.check(verify.code)), ErrorCode::kNotFound);
}

TEST(VerifyCodes, FiveWrongOnesCloseItUntilItsTimeIsOver) {
  Verify verify;
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(verify.check(verify.wrong())->status, Status::kPending);
  EXPECT_EQ(fault_of(verify.check(verify.code)), ErrorCode::kMaxCheckAttempts);
  EXPECT_EQ(fault_of(verify.start()), ErrorCode::kMaxCheckAttempts);
  verify.fixture.wait(minutes(10));
  EXPECT_EQ(fault_of(verify.check(verify.code)), ErrorCode::kNotFound);
  EXPECT_EQ(fault_of(verify.start()), kNone);
}

TEST(VerifyCodes, TheFifthMayBeTheRightOne) {
  Verify verify;
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(verify.check(verify.wrong())->status, Status::kPending);
  EXPECT_EQ(verify.check(verify.code)->status, Status::kApproved);
  const auto again = verify.check(verify.code);
  ASSERT_EQ(fault_of(again), ErrorCode::kNotFound);
  EXPECT_EQ(again.error().ended, "approved");
}

TEST(VerifyCodes, ACodeOfOnePaymentIsNotAnothers) {
  Verify verify;
  verify.make_service({{"psd2_enabled", true}});
  auto request = verify.request();
  EXPECT_EQ(fault_of(verify.start(request)), ErrorCode::kAmountAndPayeeRequired);
  request.amount = "€39.99";
  request.payee = "Acme";
  ASSERT_EQ(fault_of(verify.start(request)), kNone);
  const std::string first = verify.code;
  request.amount = "€40.00";
  ASSERT_EQ(fault_of(verify.start(request)), kNone);
  const std::string second = verify.code;
  EXPECT_EQ(verify.check(second, "€39.99", "Acme")->status, Status::kPending);
  EXPECT_EQ(verify.check(first, "€40.00", "Acme")->status, Status::kPending);
  EXPECT_EQ(verify.check(first, "€39.98", "Acme")->status, Status::kPending);
  EXPECT_EQ(verify.check(first, "€39.99", "Acme")->status, Status::kApproved);
  EXPECT_EQ(verify.check(second, "€40.00", "Acme")->status, Status::kApproved);
}

TEST(VerifyCodes, ATestServiceReachesNoProvider) {
  Verify verify;
  verify.make_service({{"countersign", json::object{{"test_code", "424242"}}}});
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_TRUE(verify.code.empty());
  verify.fixture.wait(minutes(5));
  EXPECT_TRUE(verify.fixture.due_messages().empty());
  EXPECT_EQ(verify.check("424242")->status, Status::kApproved);
}

TEST(VerifyCodes, ATestServiceUsesUpNothingOfTheAccounts) {
  Verify verify;
  const auto live = verify.service;
  verify.fixture.limits().sends_per_account = verify.fixture.limits().sends_per_country = {2, std::chrono::hours(1)};
  verify.make_service({{"countersign", json::object{{"test_code", "424242"}}}});
  for (int i = 0; i < 5; ++i) ASSERT_EQ(fault_of(verify.start()), kNone);
  verify.service = live;
  for (int i = 0; i < 2; ++i) ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(fault_of(verify.start()), ErrorCode::kTooManyRequests);
}

TEST(VerifyCodes, ANumberThatIsAskedForTooOftenHasACodeOfItsOwn) {
  Verify verify;
  verify.fixture.limits().sends_per_address = {2, std::chrono::hours(1)};
  for (int i = 0; i < 2; ++i) ASSERT_EQ(fault_of(verify.start()), kNone);
  const auto refused = verify.start();
  EXPECT_EQ(fault_of(refused), ErrorCode::kTooManyForNumber);
  EXPECT_EQ(refused.error().retry_after, std::chrono::hours(1));
}

TEST(VerifyCodes, TestCredentialsSeeTestServicesAlone) {
  Verify verify;
  const auto live = verify.service;
  verify.make_service(json::object());
  const auto plain = verify.service;
  verify.fixture.caller().test_only = true;
  for (const auto& service : {live, plain}) {
    verify.service = service;
    EXPECT_EQ(fault_of(verify.start()), ErrorCode::kNotFound);
    EXPECT_EQ(fault_of(verify.check("123456")), ErrorCode::kNotFound);
  }
  verify.make_service({{"code_length", 8}});
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(verify.check("12345678")->status, Status::kApproved);
  const auto seen = verify.fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::verify_api::list_services({tx, verify.fixture.context(), verify.fixture.caller(), moment},
                                              {{}, {}, false, 1});
  });
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen.front().settings.id, verify.service);
}

TEST(VerifyCodes, NobodyIsToldByTheNativeApi) {
  Verify verify;
  ASSERT_EQ(why(verify.fixture.add_endpoint()), kYes);
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(verify.check(verify.code)->status, Status::kApproved);
  ASSERT_EQ(fault_of(verify.start()), kNone);
  verify.fixture.wait(minutes(11));
  EXPECT_EQ(verify.fixture.expire(), 1);
  EXPECT_TRUE(verify.fixture.due_deliveries().empty());
}

TEST(VerifyCodes, AnotherServiceKnowsNothingOfIt) {
  Verify verify;
  const auto sent = verify.start();
  verify.make_service({});
  EXPECT_EQ(fault_of(verify.check(verify.code)), ErrorCode::kNotFound);
  EXPECT_EQ(fault_of(verify.show({verify.service, sent->id, ""})), ErrorCode::kNotFound);
}

// It was stored in two rows then, one of them with its sendings.
TEST(VerifyCodes, OneOfBeforeSchemaStep14GoesOn) {
  Verify verify;
  const auto sent = verify.start();
  ASSERT_TRUE(sent);
  const std::string first = verify.code;
  verify.fixture.use(TransactionId{sent->id.id});
  verify.fixture.put_back_verifications();
  const auto shown = verify.show({verify.service, sent->id, ""});
  ASSERT_TRUE(shown);
  ASSERT_EQ(shown->sendings.size(), 1U);
  EXPECT_EQ(shown->sendings[0].message, sent->sendings[0].message);
  verify.fixture.wait(minutes(2));
  const auto again = verify.start(Channel::kCall);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, sent->id);
  ASSERT_EQ(again->sendings.size(), 2U);
  EXPECT_EQ(again->sendings[1].channel, Channel::kCall);
  EXPECT_EQ(verify.check(first)->status, Status::kApproved);
}

TEST(VerifyCodes, SendingsAreCountedAsTheyWere) {
  Verify verify;
  const auto sent = verify.start();
  ASSERT_EQ(fault_of(verify.start(Channel::kCall)), kNone);
  EXPECT_EQ(verify.check(verify.code)->status, Status::kApproved);
  verify.to = "+5521998765432";
  ASSERT_EQ(fault_of(verify.start()), kNone);
  const auto counted = [&](store::AttemptFilter filter) {
    return verify.fixture.in([&](store::Tx& tx, Moment&) {
      const auto counts = store::count_attempts(tx, verify.fixture.account(), filter);
      const auto rows = store::list_attempts(tx, verify.fixture.context().vault, verify.fixture.account(), filter);
      EXPECT_EQ(rows.size(), static_cast<std::size_t>(counts.total));
      return std::pair(counts.total, counts.converted);
    });
  };
  using Counts = std::pair<std::int64_t, std::int64_t>;
  store::AttemptFilter filter;
  EXPECT_EQ(counted(filter), Counts(3, 2));
  filter.service = verify.service;
  EXPECT_EQ(counted(filter), Counts(3, 2));
  filter.channel = Channel::kCall;
  EXPECT_EQ(counted(filter), Counts(1, 1));
  filter.channel.reset();
  filter.verification = sent->id;
  EXPECT_EQ(counted(filter), Counts(2, 2));
  filter.converted = false;
  EXPECT_EQ(counted(filter), Counts(0, 0));
  filter.service = ServiceId{};
  EXPECT_EQ(counted(filter), Counts(0, 0));
}

TEST(VerifyCodes, AreSweptAfterTheirTime) {
  Verify verify;
  const auto sent = verify.start();
  EXPECT_EQ(verify.check(verify.code)->status, Status::kApproved);
  verify.fixture.wait(std::chrono::hours(24 * 181));
  verify.fixture.in(
      [&](store::Tx& tx, Moment& moment) { return store::purge(tx, verify.fixture.account(), {}, moment.now, 100); });
  EXPECT_EQ(fault_of(verify.show({verify.service, sent->id, ""})), ErrorCode::kNotFound);
}

}  // namespace

}  // namespace countersign::testing
