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

/// As exim 4.96-15+deb12u11 of Debian 12 wrote it to the return path of a mail that it had taken and could not deliver
/// (tests/interop/support/exim_report.sh has one written anew), with TAG for the tag.
constexpr std::string_view kOfExim = R"eximdsn(Received: from mail by mx.test with local (Exim 4.96)
	id 1xY09s-0002aO-32
	for bounces+TAG@palco.example;
	Mon, 30 Nov 2026 12:07:00 +0000
X-Failed-Recipients: nobody@example.com
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.test>
To: bounces+TAG@palco.example
References: <VL0@palco.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=1796040420-eximdsn-180613896
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1xY09s-0002aO-32@mx.test>
Date: Mon, 30 Nov 2026 12:07:00 +0000

--1796040420-eximdsn-180613896
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  nobody@example.com
    5.1.1 no such mailbox

--1796040420-eximdsn-180613896
Content-type: message/delivery-status

Reporting-MTA: dns; mx.test

Action: failed
Final-Recipient: rfc822;nobody@example.com
Status: 5.0.0

--1796040420-eximdsn-180613896
Content-type: message/rfc822

Return-path: <bounces+TAG@palco.example>
Received: from [127.0.0.1] (helo=palco.example)
	by mx.test with esmtp (Exim 4.96)
	(envelope-from <bounces+TAG@palco.example>)
	id 1xY09s-0002aM-2u
	for nobody@example.com;
	Mon, 30 Nov 2026 12:07:00 +0000
From: <codes@palco.example>
To: <nobody@example.com>
Message-ID: <VL0@palco.example>
Subject: 123456
Auto-Submitted: auto-generated

hello

--1796040420-eximdsn-180613896--

)eximdsn";

std::string of_exim(std::string_view tag, std::string_view end_of_line) {
  std::string report;
  for (std::string_view rest = kOfExim; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    report.append(line).append(end_of_line);
  }
  for (auto at = report.find("TAG"); at != std::string::npos; at = report.find("TAG", at + tag.size()))
    report.replace(at, 3, tag);
  return report;
}

TEST_F(MailReport, OfARealServerIsRead) {
  for (const char* end_of_line : {"\n", "\r\n"}) {  // As it is stored, and as it travels.
    const auto read = usecase::read_mail_report(fixture_.context(), of_exim(tag_, end_of_line));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->message, message_);
    ASSERT_TRUE(read->status);
    EXPECT_TRUE(read->status->failed);
    EXPECT_EQ(read->status->enhanced, "5.0.0");
  }
  EXPECT_TRUE(take(of_exim(tag_, "\n")));
  EXPECT_EQ(status(), "failed");
  EXPECT_FALSE(take(of_exim(std::string(42, 'a'), "\n")));
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
