#include "methods_person.h"

// A removal that was asked for on the page: whom it is told, who stops it, and what becomes of it. [STD-8, STD-11]
namespace countersign::testing {
namespace {

class Removals : public MethodsPage {};

TEST_F(Removals, ARemovalIsToldAndTakesPlaceAfterTheTimeToObject) {
  ask_to_remove_passkey();
  EXPECT_TRUE(one(domain::Kind::kPasskey).is_leaving);
  EXPECT_TRUE(one(domain::Kind::kPasskey).counts.own());
  EXPECT_EQ(recipients(post_all(fixture)), (std::vector<std::string>{std::string(kPhone), std::string(kEmail)}));
  EXPECT_EQ(one(domain::Kind::kPasskey).leaves_at, fixture.now() + hours(72));
  fixture.wait(hours(72) - kTick);
  fixture.lapse();
  fixture.caller().actor = "api:SK1";
  fixture.hold();
  EXPECT_EQ(why(holder.prove()), kYes) << "until then it proves";
  fixture.wait(kTick);
  fixture.lapse();
  open();
  EXPECT_EQ(view().methods.front().kind, domain::Kind::kAuthenticator);
  const auto status = fixture.in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_transaction(tx, fixture.account(), page)->state.subject;
    return store::find_factor(tx, fixture.account(), subject, holder.factor)->state.status;
  });
  EXPECT_EQ(status, domain::FactorStatus::kRemoved);
  EXPECT_EQ(count_events(fixture, "source.leaving"), 1);
  EXPECT_EQ(count_events(fixture, "source.removed"), 1);
  EXPECT_EQ(count_events(fixture, "factor.removed"), 1);
}

TEST_F(Removals, AMailboxThatWasToldStopsTheRemoval) {
  ask_to_remove_passkey();
  const BindingId id = passkey();
  static_cast<void>(post_all(fixture));
  const auto started = ask_for_code(domain::Kind::kEmail, id);
  ASSERT_EQ(why(started), kYes);
  EXPECT_EQ(object_with(started->id, objection_code()), kYes);
  EXPECT_FALSE(one(domain::Kind::kPasskey).is_leaving);
  EXPECT_TRUE(one(domain::Kind::kPasskey).stays);
  EXPECT_EQ(begin(id, MethodChange::kRemove), Code::kMethodNotAllowed);
}

TEST_F(Removals, AThiefOfTheLineDoesNotLockThePersonOut) {
  ask_to_remove_passkey();
  static_cast<void>(post_all(fixture));
  EXPECT_EQ(begin(one(domain::Kind::kAuthenticator).binding, MethodChange::kRemove), kYes);
  ASSERT_EQ(prove_by_phone(), kYes);
  static_cast<void>(post_all(fixture));
  // The person sees it, and keeps both with the passkey.
  open();
  for (const auto kind : {domain::Kind::kPasskey, domain::Kind::kAuthenticator}) {
    ASSERT_EQ(begin(one(kind).binding, MethodChange::kKeep), kYes);
    ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
    fixture.wait(minutes(1));
  }
  fixture.wait(hours(100));
  fixture.lapse();
  fixture.caller().actor = "api:SK1";
  fixture.hold();
  EXPECT_EQ(why(holder.prove()), kYes);
  open();
  EXPECT_EQ(begin(passkey(), MethodChange::kRemove), Code::kMethodNotAllowed) << "the thief cannot ask again";
}

TEST_F(Removals, TheLastThatIsEnoughStays) {
  ask_to_remove_passkey();
  open();
  ASSERT_EQ(begin(one(domain::Kind::kAuthenticator).binding, MethodChange::kRemove), kYes) << "the phone is left";
  ASSERT_EQ(prove_by_phone(), kYes);
  fixture.caller().actor = "api:SK1";
  const auto phone = fixture.in([&](store::Tx& tx, Moment&) {
    const auto contacts =
        store::contacts_of(tx, fixture.account(), store::find_transaction(tx, fixture.account(), page)->state.subject);
    return std::ranges::find(contacts, Channel::kSms, &store::ContactRow::channel)->id;
  });
  ASSERT_EQ(why(delete_contact(fixture, phone, domain::standing::GoneWhy::kLost)), kYes);
  static_cast<void>(post_all(fixture));
  fixture.wait(hours(100));
  fixture.lapse();
  open();
  int left = 0;
  for (const auto& method : view().methods) left += method.counts.own() && method.kind != domain::Kind::kEmail ? 1 : 0;
  EXPECT_EQ(left, 1) << "one of the two stays, because nothing else would be enough";
  // And that is said: in the audit log, to all who were told of the removal, and on the page.
  EXPECT_EQ(count_events(fixture, "source.not_removed"), 1);
  const auto is_about = [](std::string_view words) {
    return [words](const auto& notice) { return notice.message.body.find(words) != std::string::npos; };
  };
  const auto told = post_all(fixture);
  EXPECT_EQ(std::ranges::count_if(told, is_about("was not removed: the rest is not enough")), 2);
  EXPECT_EQ(std::ranges::count_if(view().methods, [](const auto& m) { return m.not_removed_at.has_value(); }), 1);
}

// Two who do not want the removal say so: the second word must not make the passkey itself stop. [STD-11]
TEST_F(Removals, TwoObjectionsToARemovalLeaveThePasskeyAsItWas) {
  ask_to_remove_passkey();
  static_cast<void>(post_all(fixture));
  const BindingId id = passkey();
  const auto first = ask_for_code(domain::Kind::kEmail, id);
  ASSERT_EQ(why(first), kYes);
  EXPECT_EQ(first->what, domain::standing::Objected::kRemoval);
  const SecretString first_code = objection_code();
  const auto second = ask_for_code(domain::Kind::kPhone, id);
  ASSERT_EQ(why(second), kYes);
  const SecretString second_code = objection_code();
  EXPECT_EQ(object_with(first->id, first_code), kYes);
  EXPECT_EQ(object_with(second->id, second_code), Code::kObjectedBefore);
  EXPECT_TRUE(one(domain::Kind::kPasskey).counts.own());
  EXPECT_FALSE(one(domain::Kind::kPasskey).is_leaving);
  EXPECT_EQ(count_events(fixture, "source.stopped"), 0);
  EXPECT_EQ(count_events(fixture, "source.stays"), 1);
  const auto again = [&] {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::object_to_source(work(tx, moment), {std::string(kIdentity)}, id,
                                       domain::standing::Objected::kRemoval);
    });
  };
  EXPECT_EQ(why(again()), Code::kObjectedBefore) << "nor does the application's, if it names the removal";
}

TEST_F(Removals, ACodeForOneRemovalStopsNoOther) {
  ask_to_remove_passkey();
  static_cast<void>(post_all(fixture));
  const BindingId id = passkey();
  const auto started = ask_for_code(domain::Kind::kEmail, id);
  ASSERT_EQ(why(started), kYes);
  const SecretString code = objection_code();
  ASSERT_EQ(begin(id, MethodChange::kKeep), kYes);  // By the phone, which had asked.
  fixture.wait(minutes(2));
  ASSERT_EQ(prove_by_phone(), kYes);
  fixture.wait(minutes(2));
  ask_to_remove_passkey();
  EXPECT_EQ(object_with(started->id, code), Code::kObjectedBefore);
  EXPECT_TRUE(one(domain::Kind::kPasskey).is_leaving);
  EXPECT_EQ(why(ask_for_code(domain::Kind::kEmail, id)), Code::kNotTold) << "its notice was not accepted yet";
}

TEST_F(Removals, TheWebhookOfOneRemovalBeginsNoOther) {
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  const auto leaving = [&]() -> std::optional<usecase::WebhookJob> {
    for (auto& job : fixture.due_deliveries()) {
      if (job.row.event_type == "subject.source_leaving") return std::move(job);
    }
    return std::nullopt;
  };
  const auto acknowledged = [&] {
    const auto history = fixture.history();
    return find(history, passkey())->leaving->waiting.webhook_at;
  };
  ask_to_remove_passkey();
  const auto first = leaving();
  ASSERT_TRUE(first);
  ASSERT_EQ(begin(passkey(), MethodChange::kKeep), kYes);
  fixture.wait(minutes(2));
  ASSERT_EQ(prove_by_phone(), kYes);
  fixture.wait(minutes(2));
  ask_to_remove_passkey();
  fixture.finish(*first, delivery::WebhookVerdict::kDelivered, 200);
  EXPECT_FALSE(acknowledged());
  const auto second = leaving();
  ASSERT_TRUE(second);
  fixture.finish(*second, delivery::WebhookVerdict::kDelivered, 200);
  EXPECT_TRUE(acknowledged());
}

TEST_F(Removals, AProvedOperationIsCarriedOutOnce) {
  ask_to_remove_passkey();
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kTransactionNotHeld);
  EXPECT_EQ(count_events(fixture, "source.leaving"), 1);
}

TEST_F(Removals, TwoTabsAskOnce) {
  const BindingId id = passkey();
  ASSERT_EQ(begin(id, MethodChange::kRemove), kYes);
  const TransactionId first = fixture.current();
  ASSERT_EQ(begin(id, MethodChange::kRemove), kYes);
  ASSERT_EQ(prove_by_phone(), kYes);
  fixture.use(first);
  fixture.wait(minutes(2));
  ASSERT_EQ(prove_by_phone(), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled) << "it is leaving already";
  EXPECT_EQ(count_events(fixture, "source.leaving"), 1);
}

}  // namespace
}  // namespace countersign::testing
