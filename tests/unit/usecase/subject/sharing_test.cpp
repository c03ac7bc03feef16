#include "store/repository/accounts.h"
#include "tests/unit/usecase/script.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/objections.h"
#include "usecase/subject/standing.h"

// A service may name others that count its sources, each with its wait. [STD-12]
namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

constexpr std::string_view kPayouts = "payouts";

class Sharing : public ::testing::Test {
 protected:
  void SetUp() override {
    auto& services = fixture.settings().accounts.at(fixture.account()).services;
    auto payouts = services.front();
    payouts.name = kPayouts;
    payouts.id =
        fixture.in([&](store::Tx& tx, Moment& m) { return store::ensure_service(tx, fixture.account(), kPayouts, m); });
    services.push_back(payouts);
    services.front().shared_with.emplace(kPayouts, hours(48));
  }

  /// Known at the service `default` by her phone; what follows is held at `payouts`.
  void known_there() {
    verify(fixture);
    fixture.request().service = kPayouts;
    fixture.request().contacts.clear();
  }
  domain::standing::History at_payouts() {
    const auto id = fixture.settings().accounts.at(fixture.account()).service(kPayouts)->id;
    return fixture.in([&](store::Tx& tx, Moment&) {
      const auto subject = store::find_subject(tx, fixture.context().vault, fixture.account(), kIdentity);
      return usecase::load_history(tx, fixture.context(), fixture.account(), *subject, id);
    });
  }
  domain::standing::Counts counts_at_payouts(const Id& source) {
    return counts(at_payouts(), source, fixture.now(), fixture.now());
  }
  /// As if the person had added it with `with`.
  void bind_at(const ServiceId& service, const Id& source, domain::Kind kind, const Id& with, domain::Method method) {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto subject = *store::find_subject(tx, fixture.context().vault, fixture.account(), kIdentity);
      auto history = usecase::load_history(tx, fixture.context(), fixture.account(), subject, service);
      auto given = give(history, {BindingId::make(moment), source, kind, {}}, {}, moment.now);
      for (auto& binding : given->history.bindings) {
        if (binding.source == source && !binding.shared) binding.added_with = {{with, method}};
      }
      usecase::settle({tx, fixture.context(), fixture.caller(), moment}, history, *std::move(given));
      return Done{};
    });
  }
  Id phone() { return fixture.history().bindings.front().source; }

  Fixture fixture;
};

TEST_F(Sharing, WhatIsSharedCountsAfterItsWaitAndTheReceiptSaysWhoseItIs) {
  const WallTime bound = fixture.now();
  known_there();
  fixture.wait(hours(47));
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), Code::kSourceDoesNotCount);
  EXPECT_EQ(counts_at_payouts(phone()).counts_from, bound + hours(48));
  fixture.wait(hours(1));
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.row().state.proofs.front().how.shared_by, "default");
  const auto claimed = fixture.claim();
  ASSERT_EQ(why(claimed), kYes);
  EXPECT_NE(claimed->receipt_claims.find(R"("shared_by":"default")"), std::string::npos) << claimed->receipt_claims;
}

TEST_F(Sharing, IsOnlyWhereItIsNamedAndInOneDirection) {
  fixture.settings().accounts.at(fixture.account()).services.front().shared_with.clear();
  fixture.settings().accounts.at(fixture.account()).services.back().shared_with.emplace("default", hours(1));
  known_there();
  fixture.wait(hours(24 * 30));
  EXPECT_FALSE(counts_at_payouts(phone()).any());
  EXPECT_EQ(counts_at_payouts(phone()).why_not, WhyNot::kUnknown);
}

TEST_F(Sharing, IsReadAndNotWrittenDown) {
  known_there();
  fixture.wait(hours(72));
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);  // Writes the history at `payouts`: there was a proof.
  fixture.settings().accounts.at(fixture.account()).services.front().shared_with.clear();
  EXPECT_FALSE(counts_at_payouts(phone()).any());
  EXPECT_EQ(counts_at_payouts(phone()).why_not, WhyNot::kUnknown);
  EXPECT_TRUE(at_payouts().first_proof_at.has_value());
}

TEST_F(Sharing, NothingFoundsForWhomTheOtherServiceKnowsAndSheIsTold) {
  known_there();
  fixture.wait(seconds(1));
  const auto given = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_contact({tx, fixture.context(), fixture.caller(), moment},
                                {std::string(kIdentity), std::string(kPayouts)},
                                {Channel::kSms, std::string(kOtherPhone)}, {});
  });
  ASSERT_EQ(why(given), kYes);
  EXPECT_EQ(given->counts.counted, Counted::kNot);
  static const store::Sql kNotices{"SELECT count(*) FROM notices"};
  const auto notices = fixture.in([&](store::Tx& tx, Moment&) {
    std::int64_t count = 0;
    tx.one(kNotices, {}, [&](const store::Row& row) { count = row.integer(0); });
    return count;
  });
  EXPECT_EQ(notices, 1);  // To the phone that `default` knows.
}

TEST_F(Sharing, ALossThereVoidsWhatItProvedHere) {
  known_there();
  fixture.wait(hours(48));
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto contact = fixture.verification().state.contact;
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment},
                                             {std::string(kIdentity), "default"}, contact,
                                             domain::standing::GoneWhy::kLost);
            })),
            kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
  EXPECT_NE(why(fixture.claim()), kYes);
}

TEST_F(Sharing, AnObjectionThereStopsItHereAndItIsMadeThereAlone) {
  known_there();
  fixture.wait(hours(48));
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto object_at = [&](std::string_view service) {
    const BindingId id = fixture.history().bindings.front().id;
    return why(fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::object_to_source({tx, fixture.context(), fixture.caller(), moment},
                                       {std::string(kIdentity), std::string(service)}, id);
    }));
  };
  EXPECT_EQ(object_at(kPayouts), Code::kNotFound);
  EXPECT_EQ(object_at("default"), kYes);
  EXPECT_EQ(counts_at_payouts(phone()).why_not, WhyNot::kStopped);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
}

TEST_F(Sharing, WhatItAddedHereWaitsAnewWithItsLossThere) {
  known_there();
  fixture.wait(hours(48));
  fixture.hold();
  ASSERT_EQ(why(fixture.enrol()), kYes);
  const auto payouts = fixture.settings().accounts.at(fixture.account()).service(kPayouts)->id;
  const auto app = fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto subject = *store::find_subject(tx, fixture.context().vault, fixture.account(), kIdentity);
    auto history = usecase::load_history(tx, fixture.context(), fixture.account(), subject, payouts);
    const Id source = FactorId::make(moment).id;
    const std::vector<domain::Proof> proofs{{domain::Method::kSms, history.bindings.front().source, moment.now},
                                            {domain::Method::kTotp, source, moment.now}};
    auto added =
        add(history, {BindingId::make(moment), source, domain::Kind::kAuthenticator, {}}, proofs, {}, moment.now);
    EXPECT_TRUE(added.has_value());
    usecase::settle({tx, fixture.context(), fixture.caller(), moment}, history, *std::move(added));
    return source;
  });
  fixture.wait(seconds(1));
  EXPECT_EQ(counts_at_payouts(app).counted, Counted::kRepeat);
  const Id by = phone();
  fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto subject = *store::find_subject(tx, fixture.context().vault, fixture.account(), kIdentity);
    auto history = usecase::load_history(tx, fixture.context(), fixture.account(), subject, fixture.service());
    usecase::settle({tx, fixture.context(), fixture.caller(), moment}, history,
                    *end(history, by, domain::standing::GoneWhy::kLost, {}, moment.now));
    return Done{};
  });
  EXPECT_FALSE(counts_at_payouts(app).any());
}

TEST_F(Sharing, TheOthersListOfContactsIsTakenThere) {
  known_there();
  fixture.wait(hours(48));
  const auto put = [&](std::vector<usecase::GivenContact> list) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::put_contacts({tx, fixture.context(), fixture.caller(), moment},
                                   {std::string(kIdentity), std::string(kPayouts)}, list, {});
    });
  };
  ASSERT_EQ(why(put({{Channel::kEmail, "new@example.com"}})), kYes);  // The shared phone is not in it.
  EXPECT_TRUE(counts_at_payouts(phone()).own());
  const auto both = put({{Channel::kSms, std::string(kPhone)}, {Channel::kEmail, "new@example.com"}});
  ASSERT_EQ(why(both), kYes);
  EXPECT_TRUE(counts_at_payouts(phone()).own());
  EXPECT_FALSE(fixture.history().bindings.front().gone);
}

TEST_F(Sharing, WhatAHoldBringsIsBoundAtItsServiceAlso) {
  fixture.hold();  // At `default`, where she proves nothing.
  fixture.wait(seconds(1));
  fixture.request().service = kPayouts;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);  // A new person, founded at `payouts` as well.
  EXPECT_EQ(counts_at_payouts(phone()).shared_by, "");
}

TEST_F(Sharing, AHoldForWhomItsServiceHasAHistoryFoundsNothingEither) {
  known_there();
  fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  fixture.hold();
  fixture.wait(seconds(1));
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  const auto bound = at_payouts().bindings;
  EXPECT_EQ(std::ranges::count_if(bound, [](const auto& b) { return b.founding && !b.shared; }), 0);
}

TEST_F(Sharing, WhatIsOnlySharedCannotBeEndedThere) {
  known_there();
  fixture.wait(hours(48));
  const auto contact = fixture.verification().state.contact;
  const auto end_at = [&](std::string_view service) {
    return why(fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment},
                                     {std::string(kIdentity), std::string(service)}, contact,
                                     domain::standing::GoneWhy::kLost);
    }));
  };
  EXPECT_EQ(end_at(kPayouts), Code::kNotFound);
  EXPECT_TRUE(counts_at_payouts(phone()).own());
  EXPECT_EQ(end_at(""), kYes);
  EXPECT_FALSE(counts_at_payouts(phone()).any());
}

TEST_F(Sharing, WhatIsStoppedAtItsOwnerIsNotOfferedForADecisionHere) {
  known_there();
  fixture.wait(hours(48));
  const BindingId id = fixture.history().bindings.front().id;
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::object_to_source({tx, fixture.context(), fixture.caller(), moment},
                                               {std::string(kIdentity), "default"}, id);
            })),
            kYes);
  const auto history = at_payouts();
  const auto stopped = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::stopped_change(tx, fixture.context(), history, fixture.account(), moment.now);
  });
  EXPECT_FALSE(stopped.has_value());
}

TEST_F(Sharing, ANoticeOfAllChangesNamesThoseOfItsServiceAlone) {
  known_there();
  const WallTime since = fixture.now();
  fixture.wait(seconds(1));
  ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, "new@example.com")), kYes);  // At `default`.
  fixture.wait(seconds(1));
  store::NoticeRow row;
  row.account = fixture.account();
  row.service = at_payouts().service;
  row.contact = AddressId{phone()};
  row.since = since;
  EXPECT_EQ(usecase::text_of_changes_since(fixture.context(), row, at_payouts(), "en", fixture.now()), "");
}

TEST_F(Sharing, InACircleALossComesToAnEnd) {
  auto& services = fixture.settings().accounts.at(fixture.account()).services;
  services.back().shared_with.emplace("default", hours(48));
  known_there();
  fixture.wait(hours(48));
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto payouts = services.back().id;
  // Each stands behind the other: an app by the key, and the key by the app.
  Id app;
  Id key;
  app.raw.fill(1);
  key.raw.fill(2);
  bind_at(payouts, app, domain::Kind::kAuthenticator, key, domain::Method::kWebauthn);
  bind_at(fixture.service(), key, domain::Kind::kPasskey, app, domain::Method::kTotp);
  bind_at(payouts, key, domain::Kind::kPasskey, app, domain::Method::kTotp);
  fixture.wait(seconds(1));
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              const auto subject = *store::find_subject(tx, fixture.context().vault, fixture.account(), kIdentity);
              usecase::suspect_source({tx, fixture.context(), fixture.caller(), moment}, subject, key);
              return Answer<Done>(Done{});
            })),
            kYes);
  EXPECT_FALSE(counts_at_payouts(app).any());
}

TEST_F(Sharing, InACircleNothingIsWrittenOverByWhoBeganTheChange) {
  auto& services = fixture.settings().accounts.at(fixture.account()).services;
  services.back().shared_with.emplace("default", hours(48));
  known_there();
  Id app;
  Id key;
  Id codes;
  app.raw.fill(1);
  key.raw.fill(2);
  codes.raw.fill(3);
  const auto payouts = services.back().id;
  bind_at(fixture.service(), key, domain::Kind::kPasskey, phone(), domain::Method::kSms);
  bind_at(payouts, app, domain::Kind::kAuthenticator, key, domain::Method::kWebauthn);
  bind_at(fixture.service(), codes, domain::Kind::kRecovery, app, domain::Method::kTotp);
  fixture.wait(seconds(1));
  fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto subject = *store::find_subject(tx, fixture.context().vault, fixture.account(), kIdentity);
    const usecase::Work work{tx, fixture.context(), fixture.caller(), moment};
    auto history = usecase::load_history(tx, fixture.context(), fixture.account(), subject, fixture.service());
    usecase::settle(work, history, *suspect(history, key, {}, moment.now));
    EXPECT_TRUE(binding_of(history, codes)->waits_anew_since.has_value());
    EXPECT_EQ(history, usecase::load_history(tx, fixture.context(), fixture.account(), subject, fixture.service()));
    return Done{};
  });
}

TEST_F(Sharing, TestServicesShareNothing) {
  const auto& live = fixture.settings().accounts.at(fixture.account());
  const auto twin = usecase::test_twin_of(live, [](const auto& service) { return service.id; });
  for (const auto& service : twin.services) EXPECT_TRUE(service.shared_with.empty()) << service.name;
}

}  // namespace
}  // namespace countersign::testing
