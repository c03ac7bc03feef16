#pragma once

#include "notices/post.h"
#include "tests/unit/usecase/passkey/key_holder.h"
#include "usecase/subject/change_on_page.h"
#include "usecase/subject/methods_page.h"
#include "usecase/subject/objections.h"

// A person at the page of the own methods, for the tests of what is done there.
namespace countersign::testing {

using usecase::MethodChange;

class MethodsPage : public ::testing::Test {
 protected:
  /// A person with a proved phone, a mailbox, a passkey and an app that all count.
  MethodsPage() {
    auto& service = fixture.settings().accounts.at(fixture.account()).services.front();
    service.objection = "support: 0800 123 4567";
    service.standing.max_min_kinds = 1;  // One kind is enough: what a thief of one line hopes for.
    offer_passkeys(fixture);
    unlimited(fixture);
    fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}, {Channel::kEmail, std::string(kEmail)}};
    holder.bind();
    app = active_factor(fixture);
    fixture.hold();
    EXPECT_EQ(why(fixture.start()), kYes);
    EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
    fixture.wait(hours(25));
    EXPECT_TRUE(due_notices(fixture).empty());
    open();
  }

  void open() {
    fixture.caller().actor = "api:SK1";
    const auto opened = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::open_methods_page(work(tx, moment), {std::string(kIdentity)}, {"", "en"});
    });
    ASSERT_EQ(why(opened), kYes);
    page = opened->id;
    link = opened->url;
  }
  usecase::Work work(store::Tx& tx, Moment& moment) { return {tx, fixture.context(), fixture.caller(), moment}; }
  usecase::MethodsView view() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::methods_for_person(tx, fixture.context(), *store::find_transaction(tx, fixture.account(), page),
                                         moment.now);
    });
  }
  usecase::MethodView one(domain::Kind kind) {
    for (const auto& method : view().methods) {
      if (method.kind == kind) return method;
    }
    ADD_FAILURE() << "none of that kind";
    return {};
  }
  Answer<usecase::StartedObjection> ask_for_code(domain::Kind contact, const BindingId& about,
                                                 usecase::ObjectedTo what = std::nullopt) {
    const BindingId told = one(contact).binding;
    fixture.caller().actor = "api:SK1";
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::start_objection(work(tx, moment), {std::string(kIdentity)}, {told, about, what});
    });
  }
  /// Of the message that was queued last.
  SecretString objection_code() { return due_notices(fixture).back().message.code; }
  std::optional<Code> object_with(const ObjectionId& id, const SecretString& code) {
    return why(fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::confirm_objection(work(tx, moment), {std::string(kIdentity)}, id, code);
    }));
  }
  BindingId passkey() { return one(domain::Kind::kPasskey).binding; }

  /// The operation is the current one from then on, and the caller the person.
  std::optional<Code> begin(const BindingId& binding, MethodChange change, const std::string& name = "") {
    const auto begun = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::begin_change(work(tx, moment), *store::find_transaction(tx, fixture.account(), page),
                                   {binding, change, name}, {link, "en"});
    });
    if (begun) fixture.use(begun->id);
    fixture.caller().actor = "person";
    return why(begun);
  }
  std::optional<Code> prove_by_phone() {
    if (const auto refused = why(fixture.start())) return refused;
    return why(fixture.check(fixture.code()));
  }
  /// Asked for, and proved by the phone.
  void ask_to_remove_passkey() {
    ASSERT_EQ(begin(passkey(), MethodChange::kRemove), kYes);
    ASSERT_EQ(prove_by_phone(), kYes);
    ASSERT_EQ(fixture.status(), TransactionStatus::kReleased);
  }

  Fixture fixture;
  KeyHolder holder{fixture};
  FactorId app{};
  TransactionId page{};
  std::string link;
};

}  // namespace countersign::testing
