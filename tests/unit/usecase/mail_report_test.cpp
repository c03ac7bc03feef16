#include "usecase/outbox/mail_report.h"

#include "base/ascii.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

class MailReport : public ::testing::Test {
 protected:
  MailReport() {
    fixture_.hold();
    EXPECT_EQ(why(fixture_.start()), kYes);
    message_ = fixture_.sent().back().id;
    fixture_.finish(fixture_.sent().back(), delivery::Accepted{message_.text()});
    tag_ = usecase::return_tag(fixture_.context().vault, fixture_.account(), message_);
  }

  /// A report as Exim writes it, to the return path with this tag.
  static std::string report(std::string_view tag, std::string_view action, std::string_view status) {
    return "From: Mail Delivery System <Mailer-Daemon@mx.test>\r\nTo: bounces+" + std::string(tag) +
           "@palco.example\r\nSubject: Mail delivery failed\r\nContent-Type: multipart/report; "
           "report-type=delivery-status; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
           "Reporting-MTA: dns; mx.test\r\n\r\nAction: " +
           std::string(action) + "\r\nFinal-Recipient: rfc822;ana@example.com\r\nStatus: " + std::string(status) +
           "\r\n\r\n--x--\r\n";
  }
  bool take(std::string_view text) {
    const auto read = usecase::read_mail_report(fixture_.context(), text);
    if (!read) return false;
    fixture_.in([&](store::Tx& tx, Moment& moment) {
      usecase::take_mail_report(tx, fixture_.context(), *read, moment);
      return true;
    });
    return true;
  }
  std::string status() { return fixture_.message(message_)->status; }

  Fixture fixture_;
  MessageId message_;
  std::string tag_;
};

TEST_F(MailReport, OfAFailureIsWrittenDown) {
  EXPECT_TRUE(take(report(tag_, "failed", "5.1.1")));
  EXPECT_EQ(status(), "failed");
  EXPECT_EQ(fixture_.events().back(), "message.failed");
  EXPECT_EQ(fixture_.message(message_)->error_code, "5.1.1");
  EXPECT_TRUE(take(report(tag_, "failed", "5.1.1")));  // It comes twice.
}

TEST_F(MailReport, MayHaveTheTagInCapitals) {
  EXPECT_TRUE(take(report(upper_case(tag_), "failed", "5.0.0")));
  EXPECT_EQ(status(), "failed");
}

TEST_F(MailReport, OfADeliveryIsWrittenDown) {
  EXPECT_TRUE(take(report(tag_, "delivered", "2.0.0")));
  EXPECT_EQ(status(), "delivered");
}

TEST_F(MailReport, OfADelayIsNoNews) {
  for (const char* action : {"delayed", "relayed", "expanded", "", "failed?"}) {
    EXPECT_TRUE(take(report(tag_, action, "4.4.1"))) << action;
    EXPECT_EQ(status(), "sent") << action;
  }
}

TEST_F(MailReport, WithoutATagOfOursIsNotBelieved) {
  std::string forged = tag_;
  forged.back() = forged.back() == 'a' ? 'e' : 'a';
  EXPECT_FALSE(take(report(forged, "failed", "5.1.1")));
  EXPECT_FALSE(take(report("", "failed", "5.1.1")));
  EXPECT_FALSE(take(report(message_.text(), "failed", "5.1.1")));
  EXPECT_FALSE(take(""));
  EXPECT_EQ(status(), "sent");
}

TEST_F(MailReport, TheTagOfOneMessageSaysNothingOfAnother) {
  const MessageId other = MessageId{Id::floor_of(fixture_.now())};
  const std::string of_other = usecase::return_tag(fixture_.context().vault, fixture_.account(), other);
  // The id of this message with the digest of the other.
  EXPECT_FALSE(take(report(tag_.substr(0, 26) + of_other.substr(26), "failed", "5.1.1")));
  EXPECT_TRUE(take(report(of_other, "failed", "5.1.1")));  // Nobody sent it.
  EXPECT_EQ(status(), "sent");
}

TEST_F(MailReport, IsLookedThroughForAFewTagsOnly) {
  std::string many;
  for (char c = 'a'; c < 'k'; ++c) many += std::string(42, c) + ' ';
  EXPECT_FALSE(take(many + report(tag_, "failed", "5.1.1")));
}

}  // namespace
}  // namespace countersign::testing
