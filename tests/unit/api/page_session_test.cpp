#include "api/pages/session.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.h"
#include "support/fake_time.h"
#include "support/settings.h"

namespace countersign::api::pages {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

crypto::Digester digester() { return crypto::Digester(testing::test_keyring()); }

class SessionTest : public ::testing::Test {
 protected:
  http::Request with_cookie(const std::string& value) {
    http::Request request;
    request.add_header("Cookie", value);
    return request;
  }
  Browser fresh() { return sessions_.browser_of({}, random_); }
  std::string set_cookie(const http::Response& response) { return response.headers.at(0).second; }
  static std::string pair(const std::string& cookie) { return cookie.substr(0, cookie.find(';')); }

  testing::SeededRandom random_;
  testing::FakeClock clock_;
  crypto::Digester digester_ = digester();
  Sessions sessions_{digester_, true};
  Moment moment_{clock_.now(), random_};
  TransactionId one_ = TransactionId::make(moment_);
  TransactionId two_ = TransactionId::make(moment_);
};

TEST_F(SessionTest, ABrowserIsRememberedByACookieThatNobodyElseCanSet) {
  const Browser browser = fresh();
  EXPECT_TRUE(browser.is_new);
  http::Response response;
  sessions_.remember(browser, response);
  const std::string cookie = set_cookie(response);
  EXPECT_TRUE(cookie.starts_with("__Host-cs="));
  for (const char* part : {"; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"})
    EXPECT_NE(cookie.find(part), std::string::npos);
  EXPECT_EQ(cookie.find("Domain"), std::string::npos);

  const Browser again = sessions_.browser_of(with_cookie("a=b; " + pair(cookie)), random_);
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.id, browser.id);
  EXPECT_TRUE(sessions_.browser_of(with_cookie("__Host-cs=short"), random_).is_new);
  EXPECT_TRUE(sessions_.browser_of(with_cookie("cs=" + browser.id), random_).is_new);
}

TEST_F(SessionTest, AFormTokenIsForOneTransactionOneBrowserAndTwoHours) {
  const Browser browser = fresh();
  const std::string token = sessions_.form_token(one_, browser, moment_);
  const WallTime now = clock_.now();
  const auto good = [&](std::string_view t, const TransactionId& id, const Browser& b, WallTime at) {
    return sessions_.check_form_token(t, id, b, at).has_value();
  };
  EXPECT_TRUE(good(token, one_, browser, now));
  EXPECT_FALSE(good(token, two_, browser, now));
  EXPECT_FALSE(good(token, one_, fresh(), now));
  EXPECT_TRUE(good(token, one_, browser, now + hours(2) - seconds(1)));
  EXPECT_FALSE(good(token, one_, browser, now + hours(2)));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(good(changed, one_, browser, now)) << i;
  }
  EXPECT_FALSE(good("", one_, browser, now));
  EXPECT_FALSE(good(token + "AAAA", one_, browser, now));
  EXPECT_NE(sessions_.form_token(one_, browser, moment_), token);
}

TEST_F(SessionTest, WhenAPageWasShownIsKnownToTheSecondAndRememberedForItsBrowser) {
  const Browser browser = fresh();
  clock_.advance(std::chrono::milliseconds(700));
  moment_.now = clock_.now();
  const auto token = sessions_.check_form_token(sessions_.form_token(one_, browser, moment_), one_, browser,
                                                clock_.now() + minutes(5));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->made_at, std::chrono::floor<seconds>(clock_.now()));

  http::Response response;
  sessions_.set_shown(one_, browser, token->made_at, response);
  const std::string cookie = set_cookie(response);
  EXPECT_NE(cookie.find("; Max-Age=7200"), std::string::npos);
  const auto request = with_cookie(pair(cookie));
  EXPECT_EQ(sessions_.shown_at(request, one_, browser), token->made_at);
  EXPECT_FALSE(sessions_.shown_at(request, two_, browser));
  EXPECT_FALSE(sessions_.shown_at(request, one_, fresh()));
  EXPECT_FALSE(sessions_.shown_at({}, one_, browser));
  const std::string long_ago = std::to_string(to_unix_seconds(token->made_at) - 60);
  const std::string mark = cookie.substr(cookie.find('.') + 1);
  EXPECT_FALSE(sessions_.shown_at(with_cookie("__Host-cs-shown=" + long_ago + "." + mark), one_, browser));
}

TEST_F(SessionTest, AnEnrolmentIsSeenOnlyWhereItBegan) {
  const Browser browser = fresh();
  const FactorId factor = FactorId::make(moment_);
  const std::string token = sessions_.enrolment_token(factor, one_, browser);
  EXPECT_EQ(sessions_.check_enrolment_token(token, one_, browser), factor);
  EXPECT_FALSE(sessions_.check_enrolment_token(token, two_, browser));
  EXPECT_FALSE(sessions_.check_enrolment_token(token, one_, fresh()));
  EXPECT_FALSE(sessions_.check_enrolment_token(factor.text(), one_, browser));
  EXPECT_FALSE(sessions_.check_enrolment_token("", one_, browser));
}

TEST_F(SessionTest, AProofIsRememberedForAQuarterOfAnHour) {
  const Browser browser = fresh();
  http::Response response;
  sessions_.set_proved(one_, browser, clock_.now(), response);
  const auto request = with_cookie(pair(set_cookie(response)));
  const WallTime now = clock_.now();
  EXPECT_TRUE(sessions_.has_proved(request, one_, browser, now));
  EXPECT_TRUE(sessions_.has_proved(request, one_, browser, now + minutes(15) - seconds(1)));
  EXPECT_FALSE(sessions_.has_proved(request, one_, browser, now + minutes(15)));
  EXPECT_FALSE(sessions_.has_proved(request, two_, browser, now));
  EXPECT_FALSE(sessions_.has_proved(request, one_, fresh(), now));
  const std::string later = std::to_string(to_unix_seconds(now + hours(9)));
  EXPECT_FALSE(sessions_.has_proved(with_cookie("__Host-cs-proved=" + later + ".x"), one_, browser, now));
}

// Pages that are open while the program is exchanged carry these: a change of form must show here.
TEST_F(SessionTest, TokensHaveTheFormThatIsWrittenDown) {
  const Browser browser = fresh();
  const auto mac = [&](std::string_view purpose, std::string_view what) {
    return digester_.code_digest(purpose, {one_.bytes(), browser.id}, what).substr(0, 16);
  };
  EXPECT_EQ(from_base64url(browser.id)->size(), 16U);

  const std::string form = *from_base64url(sessions_.form_token(one_, browser, moment_));
  ASSERT_EQ(form.size(), 12U + 5U + 16U);
  EXPECT_EQ(to_hex(form.substr(12, 5)), "006b02d940") << "2026-11-22T12:00:00Z in seconds";
  EXPECT_EQ(form.substr(17), mac("page_form", form.substr(0, 17)));

  const FactorId factor = FactorId::make(moment_);
  EXPECT_EQ(sessions_.enrolment_token(factor, one_, browser),
            factor.text() + to_base64url(mac("page_enrolment", factor.bytes())));

  http::Response response;
  sessions_.set_proved(one_, browser, clock_.now(), response);
  const std::string until = std::to_string(to_unix_seconds(clock_.now()) + 900);
  EXPECT_EQ(pair(set_cookie(response)), "__Host-cs-proved=" + until + "." + to_base64url(mac("page_proved", until)));
}

TEST_F(SessionTest, ANoteIsAWordForOneTransaction) {
  http::Response response;
  sessions_.set_note(one_, {"wrong", clock_.now()}, response);
  const std::string cookie = pair(set_cookie(response));
  EXPECT_EQ(sessions_.note_of(with_cookie(cookie), one_).word, "wrong");
  EXPECT_EQ(sessions_.note_of(with_cookie(cookie), one_).until, clock_.now());
  EXPECT_EQ(sessions_.note_of(with_cookie(cookie), two_).word, "");
  const std::string start = "__Host-cs-note=" + one_.text();
  for (const char* bad : {"", ".", ".x", ".x.", ".<b>.0", ".x.y", ".x.-1x"})
    EXPECT_EQ(sessions_.note_of(with_cookie(start + bad), one_).word, "") << bad;
  EXPECT_FALSE(sessions_.note_of(with_cookie(start + ".x.999999999999999999"), one_).until);
}

TEST_F(SessionTest, TheChosenLanguageStaysForHalfAYear) {
  http::Response response;
  sessions_.set_language("pt-BR", response);
  const std::string cookie = set_cookie(response);
  EXPECT_NE(cookie.find("; Max-Age=15552000"), std::string::npos);
  EXPECT_EQ(sessions_.language_of(with_cookie(pair(cookie))), "pt-BR");
  EXPECT_EQ(sessions_.language_of({}), "");
}

TEST_F(SessionTest, NoBytesAreTakenForOurs) {
  const Browser browser = fresh();
  EXPECT_TRUE(rc::check("cookies and tokens of any bytes", [&](const std::string& bytes) {
    for (const char* name : {"__Host-cs=", "__Host-cs-proved=", "__Host-cs-note=", "__Host-cs-shown="}) {
      const auto request = with_cookie(name + bytes);
      RC_ASSERT(!sessions_.has_proved(request, one_, browser, clock_.now()));
      RC_ASSERT(!sessions_.shown_at(request, one_, browser));
      RC_ASSERT(sessions_.note_of(request, one_).word.empty());
      static_cast<void>(sessions_.browser_of(request, random_));
    }
    RC_ASSERT(!sessions_.check_form_token(bytes, one_, browser, clock_.now()));
    RC_ASSERT(!sessions_.check_enrolment_token(bytes, one_, browser));
  }));
}

TEST(Sessions, OverPlainHttpCookiesHaveTheirPlainNames) {
  const crypto::Digester d = digester();
  testing::SeededRandom random;
  const Sessions sessions(d, false);
  http::Response response;
  sessions.remember(sessions.browser_of({}, random), response);
  EXPECT_TRUE(response.headers.at(0).second.starts_with("cs="));
  EXPECT_EQ(response.headers.at(0).second.find("Secure"), std::string::npos);
}

}  // namespace
}  // namespace countersign::api::pages
