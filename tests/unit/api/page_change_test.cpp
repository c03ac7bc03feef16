#include <gtest/gtest.h>

#include <algorithm>

#include "unit/api/browser.h"
#include "usecase/subject/objections.h"

// What the page says of a change that was stopped, and how the person decides about it [STD-11]. And that a way is not
// offered before its wait is over.
namespace countersign::testing {
namespace {

using domain::TransactionStatus;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class PageChange : public ::testing::Test {
 protected:
  /// A person with a proved phone, to whom an app was given later, that was stopped.
  void stop_an_app() {
    auto& fixture = pages_.fixture();
    fixture.hold();
    ASSERT_TRUE(fixture.start());
    ASSERT_TRUE(fixture.check(fixture.code()));
    fixture.wait(hours(25));
    ASSERT_TRUE(fixture.enrol());
    ASSERT_TRUE(fixture.confirm());
    fixture.wait(seconds(60));
    const auto history = fixture.history();
    const auto binding =
        std::ranges::find(history.bindings, domain::Kind::kAuthenticator, &domain::standing::Binding::kind);
    ASSERT_TRUE(fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::object_to_source({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity), ""},
                                       binding->id);
    }));
    app_ = binding->source;
  }
  domain::standing::WhyNot why_not() { return pages_.fixture().counts(app_).why_not; }
  static Browser::Page choose(Browser& who, const std::string& link, const std::string& keep) {
    const auto page = who.get(link + "?way=change");
    return who.post(link + "/decide", {{"t", page.field("t")}, {"binding", page.field("binding")}, {"keep", keep}});
  }

  PageHouse pages_;
  Id app_{};
};

TEST_F(PageChange, SaysThatAChangeWasStoppedAndWhatToDoInThreeLanguages) {
  stop_an_app();
  const std::string link = pages_.hold();
  Browser ana(pages_);
  const auto page = ana.get(link);
  EXPECT_TRUE(page.says("A change to your account was stopped"));
  EXPECT_TRUE(page.says("New authenticator app"));
  EXPECT_TRUE(page.says("Decide now"));
  EXPECT_TRUE(ana.get(link + "?lang=pt-BR").says("Uma mudan\u00E7a na sua conta foi suspensa"));
  EXPECT_TRUE(ana.get(link + "?lang=es").says("Se detuvo un cambio en tu cuenta"));
  EXPECT_EQ(ana.get(link + "?way=change&lang=en").heading(), "Did you make this change?");
  EXPECT_TRUE(ana.get(link + "?way=choose").says("waiting for a decision"));  // Beside the app.
}

TEST_F(PageChange, HerPhoneDecidesInAnOperationThatNamesIt) {
  stop_an_app();
  const std::string link = pages_.hold();
  Browser ana(pages_);
  auto page = choose(ana, link, "yes");
  const std::string operation = page.location;
  ASSERT_NE(operation.substr(0, operation.find('.')), link.substr(0, link.find('.')));
  EXPECT_TRUE(page.says("Allow a change: new authenticator app"));
  EXPECT_FALSE(ana.get(operation + "?way=choose").says("<bdi>Authenticator app"));  // It cannot speak for itself.
  page = ana.send(operation, page);
  EXPECT_EQ(why_not(), domain::standing::WhyNot::kStopped);
  page = ana.check(operation, page, pages_.code());
  EXPECT_EQ(page.heading(), "Confirmed");
  EXPECT_TRUE(page.says(link));  // The way back.
  EXPECT_NE(why_not(), domain::standing::WhyNot::kStopped);
  EXPECT_NE(why_not(), domain::standing::WhyNot::kGone);
  EXPECT_FALSE(ana.get(link).says("was stopped"));
  EXPECT_EQ(pages_.fixture().status(), TransactionStatus::kHeld);  // It decides about nothing else.
}

TEST_F(PageChange, HerPhoneUndoesIt) {
  stop_an_app();
  const std::string link = pages_.hold();
  Browser ana(pages_);
  auto page = choose(ana, link, "no");
  const std::string operation = page.location;
  EXPECT_TRUE(page.says("Undo a change: new authenticator app"));
  page = ana.send(operation, page);
  page = ana.check(operation, page, pages_.code());
  EXPECT_EQ(page.heading(), "Confirmed");
  EXPECT_EQ(why_not(), domain::standing::WhyNot::kGone);
}

// A number that takes the place of another stands beside it.
TEST_F(PageChange, ANumberThatReplacesAnotherIsShownBesideIt) {
  auto& fixture = pages_.fixture();
  fixture.hold();
  ASSERT_TRUE(fixture.start());
  ASSERT_TRUE(fixture.check(fixture.code()));
  fixture.wait(hours(25));
  ASSERT_TRUE(fixture.in([&](store::Tx& tx, Moment& moment) -> Answer<usecase::ContactView> {
    const usecase::SubjectAt ana{std::string(kIdentity), ""};
    const auto known = usecase::list_contacts({tx, fixture.context(), fixture.caller(), moment}, ana);
    return usecase::add_contact({tx, fixture.context(), fixture.caller(), moment}, ana,
                                {Channel::kSms, "+5521998765432"}, {.replaces = known->front().id});
  }));
  const auto binding = fixture.history().bindings.back();
  ASSERT_TRUE(fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::object_to_source({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity), ""},
                                     binding.id);
  }));
  fixture.request().contacts.clear();
  const std::string link = pages_.hold();
  Browser ana(pages_);
  const auto keeping = choose(ana, link, "yes");
  EXPECT_TRUE(keeping.says("<del dir=\"auto\">+55 •••••••4321</del>")) << keeping.body;
  EXPECT_TRUE(keeping.says("<ins dir=\"auto\">+55 •••••••5432</ins>"));
  EXPECT_FALSE(choose(ana, link, "no").says("<del")) << "where it is dropped, nothing takes a place";
}

TEST_F(PageChange, TheFormAloneDecidesNothing) {
  stop_an_app();
  const std::string link = pages_.hold();
  Browser ana(pages_);
  for (const char* keep : {"yes", "no", "", "maybe"}) static_cast<void>(choose(ana, link, keep));
  EXPECT_EQ(why_not(), domain::standing::WhyNot::kStopped);
  const auto page = ana.get(link + "?way=change");
  const auto other = ana.post(link + "/decide", {{"t", page.field("t")}, {"binding", "YB0"}, {"keep", "yes"}});
  EXPECT_TRUE(other.says("nothing left to decide here"));
}

TEST_F(PageChange, WhereNobodyMayDecideItSaysWhomToAsk) {
  stop_an_app();
  auto& fixture = pages_.fixture();
  const auto history = fixture.history();
  const auto phone = std::ranges::find(history.bindings, domain::Kind::kPhone, &domain::standing::Binding::kind);
  ASSERT_TRUE(fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::object_to_source({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity), ""},
                                     phone->id);
  }));
  const std::string link = pages_.hold();
  Browser ana(pages_);
  const auto page = ana.get(link);
  EXPECT_TRUE(page.says("To decide, contact"));
  EXPECT_FALSE(page.says("Decide now"));
  EXPECT_TRUE(page.says("Decide with what you used before"));
  EXPECT_NE(ana.get(link + "?way=change").heading(), "Did you make this change?");
}

TEST_F(PageChange, ACallIsNotOfferedBeforeTheWaitOfItsLineIsOver) {
  auto& fixture = pages_.fixture();
  fixture.request().contacts.push_back({Channel::kCall, std::string(kPhone)});
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.policy("any").email_alone = true;
  const std::string link = pages_.hold();
  Browser ana(pages_);
  const auto forms = [&](const Browser::Page& page) {
    std::size_t count = 0;
    for (auto at = page.body.find("class=\"way\">"); at != std::string::npos;
         at = page.body.find("class=\"way\">", at + 1))
      ++count;
    return count;
  };
  ASSERT_EQ(forms(ana.get(link + "?way=choose")), 3U);  // Text, call, email.
  const auto before = ana.get(link + "?way=choose");
  const auto subject = fixture.row().state.subject;
  const auto contacts =
      fixture.in([&](store::Tx& tx, Moment&) { return store::contacts_of(tx, fixture.account(), subject); });
  const std::string sms = std::ranges::find(contacts, Channel::kSms, &store::ContactRow::channel)->id.text();
  static_cast<void>(ana.post(link + "/send", {{"t", before.field("t")}, {"way", sms}}));
  auto page = ana.get(link + "?way=choose");
  EXPECT_EQ(forms(page), 1U);  // The email alone: the text is under way, and the call has to wait.
  EXPECT_TRUE(page.says("Available from "));
  fixture.wait(seconds(31));
  page = ana.get(link + "?way=choose");
  EXPECT_FALSE(page.says("Available from "));
  EXPECT_EQ(forms(page), 2U);
}

}  // namespace
}  // namespace countersign::testing
