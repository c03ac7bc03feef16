#include "delivery/providers/smtp.h"

#include <gmock/gmock.h>
#include <pthread.h>

#include "support/doubles/closed_port.h"
#include "support/doubles/smtp_server.h"
#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::ClosedPort;
using countersign::testing::FakeClock;
using countersign::testing::SmtpServer;
using ::testing::HasSubstr;

struct SmtpSenderTest : ::testing::Test {
  SmtpSenderOptions options_for(int port) {
    SmtpSenderOptions options;
    options.server.host = "127.0.0.1";
    options.server.port = port;
    options.server.tls = SmtpTls::kNone;
    options.server.helo = "palco.example";
    options.server.timeout = 300s;
    options.from = "codes@palco.example";
    options.from_name = "Palco";
    options.return_path = "bounces@palco.example";
    return options;
  }
  OutgoingMessage mail() {
    auto message = message_to("ana@example.com", Channel::kEmail, clock.now() + 10min);
    message.subject = "482913 é o seu código";
    message.html = "<p>482913</p>";
    return message;
  }
  static Result<Accepted, ProviderError> send(SmtpSender& sender, OutgoingMessage message) {
    auto [done, result] = promised<Result<Accepted, ProviderError>>();
    sender.send(std::move(message), std::move(done));
    return wait_for(result);
  }
  /// What becomes of a mail whose command `at` gets this answer; an empty one: the connection breaks.
  ProviderError refused(std::string_view at, std::string answer) {
    SmtpServer server([&](std::string_view command) -> std::optional<std::string> {
      return command.starts_with(at) && command.empty() == at.empty() ? std::optional(answer) : std::nullopt;
    });
    auto options = options_for(server.port());
    options.server.user = "cs";
    options.server.password = SecretString("secret");
    SmtpSender sender(clock, std::move(options));
    auto result = send(sender, mail());
    EXPECT_FALSE(result) << at << ' ' << answer;
    EXPECT_TRUE(server.mails().empty());
    return result ? ProviderError{} : result.error();
  }

  FakeClock clock;
};

TEST_F(SmtpSenderTest, HandsTheMailOver) {
  SmtpServer server;
  SmtpSender sender(clock, options_for(server.port()));
  const auto message = mail();
  const auto accepted = send(sender, message);
  ASSERT_TRUE(accepted) << accepted.error().detail;
  EXPECT_EQ(accepted->provider_ref, message.id.text());
  const auto taken = server.mails().at(0);
  EXPECT_EQ(taken.from, "bounces@palco.example");
  EXPECT_THAT(taken.recipients, ::testing::ElementsAre("ana@example.com"));
  EXPECT_THAT(taken.content, HasSubstr("Message-ID: <" + message.id.text() + "@palco.example>\r\n"));
  EXPECT_THAT(taken.content, HasSubstr("Content-Type: text/html"));
}

TEST_F(SmtpSenderTest, TheReturnPathHasTheTagOfTheMessage) {
  SmtpServer server;
  auto options = options_for(server.port());
  options.tags_returns = true;
  SmtpSender sender(clock, std::move(options));
  auto message = mail();
  ASSERT_TRUE(send(sender, message));  // A notice has none.
  message.return_tag = "abc234";
  ASSERT_TRUE(send(sender, message));
  EXPECT_EQ(server.mails().at(0).from, "bounces@palco.example");
  EXPECT_EQ(server.mails().at(1).from, "bounces+abc234@palco.example");
}

/// A server whose EHLO ends with that line.
SmtpServer::Script offering(std::string last) {
  return [last = std::move(last)](std::string_view command) -> std::optional<std::string> {
    if (!command.starts_with("EHLO")) return std::nullopt;
    return "250-mx.test\r\n250-8BITMIME\r\n250 " + last;
  };
}

TEST_F(SmtpSenderTest, LettersOutsideAsciiGoToAServerThatOffersThem) {
  std::string said;
  SmtpServer server([&, offer = offering("SMTPUTF8")](std::string_view command) {
    if (command.starts_with("MAIL")) said = command;
    return offer(command);
  });
  SmtpSender sender(clock, options_for(server.port()));
  auto message = mail();
  message.to = "jo\u00E3o@example.com";
  ASSERT_TRUE(send(sender, message));
  ASSERT_TRUE(send(sender, message));  // Over the same connection, which says no EHLO any more.
  EXPECT_EQ(server.connections(), 1U);
  EXPECT_THAT(said, HasSubstr(" SMTPUTF8"));
  EXPECT_THAT(server.mails().at(1).recipients, ::testing::ElementsAre("jo\u00E3o@example.com"));
  EXPECT_THAT(server.mails().at(1).content, HasSubstr("To: <jo\u00E3o@example.com>\r\n"));
}

TEST_F(SmtpSenderTest, AndToNoOther) {
  std::vector<std::string> commands;
  SmtpServer server([&, offer = offering("SIZE 1000000")](std::string_view command) {
    commands.emplace_back(command);
    return offer(command);
  });
  SmtpSender sender(clock, options_for(server.port()));
  ASSERT_TRUE(send(sender, mail()));  // ASCII needs nothing.
  auto message = mail();
  message.to = "jo\u00E3o@example.com";
  for (int again = 0; again < 2; ++again) {  // Over a kept connection, and over a new one.
    const auto refused = send(sender, message);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::kUnsupportedAddress);
    EXPECT_EQ(refused.error().provider_code, "smtputf8");
    EXPECT_FALSE(refused.error().maybe_sent);
    EXPECT_FALSE(refused.error().outage);
    EXPECT_THAT(refused.error().detail, ::testing::Not(HasSubstr("@example")));
  }
  EXPECT_EQ(server.mails().size(), 1U);
  EXPECT_EQ(std::ranges::count_if(commands, [](const auto& command) { return command.starts_with("RCPT"); }), 1);
  ASSERT_TRUE(send(sender, mail()));  // It goes on.
}

TEST_F(SmtpSenderTest, WhatIsTextAloneHasTheSameAsHtml) {
  SmtpServer server;
  SmtpSender sender(clock, options_for(server.port()));
  auto message = mail();
  message.subject = "A change";
  message.body = "Palco: a new phone was added.\n\nNot you? <b>Contact</b> support.\n";
  message.html.clear();
  ASSERT_TRUE(send(sender, message));
  const auto content = server.mails().at(0).content;
  EXPECT_THAT(content, HasSubstr("Content-Type: multipart/alternative"));
  EXPECT_THAT(content, HasSubstr(">Palco: a new phone was added.</p>"));
  EXPECT_THAT(content, HasSubstr("Not you? &lt;b&gt;Contact&lt;/b&gt; sup="));
}

TEST_F(SmtpSenderTest, ALineThatIsADotEndsNothing) {
  SmtpServer server;
  SmtpSender sender(clock, options_for(server.port()));
  auto message = mail();
  message.html.clear();
  message.body = "first\n.\nMAIL FROM:<eve@evil.example>\n..\nlast\n";
  ASSERT_TRUE(send(sender, message));
  ASSERT_EQ(server.mails().size(), 1U);
  EXPECT_THAT(server.mails()[0].content, HasSubstr("first\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n..\r\nlast\r\n"));
}

TEST_F(SmtpSenderTest, OneConnectionCarriesManyMails) {
  SmtpServer server;
  SmtpSender sender(clock, options_for(server.port()));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(send(sender, mail()));
  EXPECT_EQ(server.mails().size(), 5U);
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(SmtpSenderTest, AConnectionThatTheServerClosedMeanwhileCostsNothing) {
  SmtpServer server;
  SmtpSender sender(clock, options_for(server.port()));
  ASSERT_TRUE(send(sender, mail()));
  server.close_connections();
  const auto second = send(sender, mail());
  EXPECT_TRUE(second) << second.error().detail;
  EXPECT_EQ(server.mails().size(), 2U);
}

TEST_F(SmtpSenderTest, AServerThatSaysGoodbyeOnAKeptConnectionCostsNothing) {
  std::atomic<int> mails = 0;
  SmtpServer server([&](std::string_view command) -> std::optional<std::string> {
    if (command.starts_with("MAIL") && ++mails == 2) return "421 4.4.2 timeout exceeded";
    return std::nullopt;
  });
  SmtpSender sender(clock, options_for(server.port()));
  ASSERT_TRUE(send(sender, mail()));
  const auto second = send(sender, mail());
  EXPECT_TRUE(second) << second.error().detail;
  EXPECT_EQ(server.mails().size(), 2U);
}

TEST_F(SmtpSenderTest, AMailThatAKeptConnectionLostIsNotHandedOverAgain) {
  std::atomic<int> mails = 0;
  SmtpServer server([&](std::string_view command) -> std::optional<std::string> {
    if (command.starts_with("MAIL")) ++mails;
    if (command == "." && mails == 2) return "";
    return std::nullopt;
  });
  SmtpSender sender(clock, options_for(server.port()));
  ASSERT_TRUE(send(sender, mail()));
  const auto second = send(sender, mail());
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().maybe_sent);
  EXPECT_EQ(mails, 2) << "the outbox decides about that";
}

TEST_F(SmtpSenderTest, TellsWhatTheServerRefused) {
  EXPECT_EQ(refused("RCPT", "550 5.1.1 no such user").fault, Fault::kInvalidAddress);
  EXPECT_EQ(refused("MAIL", "530 5.7.0 sign in").fault, Fault::kMisconfigured);
  EXPECT_EQ(refused("AUTH", "535 5.7.8 wrong").fault, Fault::kMisconfigured);
  EXPECT_EQ(refused("DATA", "451 4.3.0 later").fault, Fault::kUnavailable);
  EXPECT_EQ(refused(".", "552 5.2.2 full").fault, Fault::kRejected);
  EXPECT_EQ(refused("", "554 no service").fault, Fault::kRejected);
  EXPECT_EQ(refused("", "421 busy").fault, Fault::kUnavailable);
  EXPECT_TRUE(refused("", "421 busy").outage);
}

TEST_F(SmtpSenderTest, OnlyTheEndOfTheMailLeavesItOpenWhetherItWasTaken) {
  EXPECT_FALSE(refused("RCPT", "").maybe_sent);
  EXPECT_FALSE(refused("DATA", "").maybe_sent);
  const auto lost = refused(".", "");
  EXPECT_TRUE(lost.maybe_sent);
  EXPECT_TRUE(lost.outage);
  EXPECT_EQ(lost.fault, Fault::kUnavailable);
}

TEST_F(SmtpSenderTest, NobodyListens) {
  const ClosedPort port;
  SmtpSender sender(clock, options_for(port.port()));
  const auto result = send(sender, mail());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kUnavailable);
  EXPECT_TRUE(result.error().outage);
  EXPECT_FALSE(result.error().maybe_sent);
}

TEST_F(SmtpSenderTest, WithoutTlsNothingIsSaidWhereItWasAskedFor) {
  std::atomic<bool> signed_in = false;
  SmtpServer server([&](std::string_view command) -> std::optional<std::string> {
    if (command.starts_with("AUTH") || command.starts_with("MAIL")) signed_in = true;
    return std::nullopt;
  });
  auto options = options_for(server.port());
  options.server.tls = SmtpTls::kStartTls;
  options.server.user = "cs";
  options.server.password = SecretString("secret");
  SmtpSender sender(clock, std::move(options));
  const auto result = send(sender, mail());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kMisconfigured);
  EXPECT_FALSE(signed_in);
}

TEST_F(SmtpSenderTest, StoppingEndsWhatRunsAndRefusesTheRest) {
  std::promise<void> reached;
  std::promise<void> leave;
  auto left = leave.get_future().share();
  std::atomic<bool> first = true;
  SmtpServer server([&](std::string_view command) -> std::optional<std::string> {
    if (!command.starts_with("DATA")) return std::nullopt;
    if (first.exchange(false)) reached.set_value();
    left.wait();
    return std::nullopt;
  });
  auto options = options_for(server.port());
  options.server.connections_max = 1;
  SmtpSender sender(clock, std::move(options));
  auto [done1, result1] = promised<Result<Accepted, ProviderError>>();
  auto [done2, result2] = promised<Result<Accepted, ProviderError>>();
  sender.send(mail(), std::move(done1));
  auto waits = reached.get_future();
  wait_for(waits);
  sender.send(mail(), std::move(done2));
  sender.stop();
  for (auto* result : {&result1, &result2}) {
    const auto error = wait_for(*result);
    ASSERT_FALSE(error);
    EXPECT_EQ(error.error().fault, Fault::kUnavailable);
    EXPECT_FALSE(error.error().outage);
  }
  EXPECT_FALSE(send(sender, mail()));
  leave.set_value();
}

/// While it lives, the system gives nobody a thread: no address space is as large as the stack that a new one gets.
class NoThreads {
 public:
  NoThreads() {
    pthread_attr_init(&usual_);
    pthread_getattr_default_np(&usual_);
    pthread_attr_t huge;
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, std::size_t{1} << 60);
    pthread_setattr_default_np(&huge);
    pthread_attr_destroy(&huge);
  }
  ~NoThreads() {
    pthread_setattr_default_np(&usual_);
    pthread_attr_destroy(&usual_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t usual_{};
};

TEST_F(SmtpSenderTest, WithoutAThreadForItAMailIsRefusedAndTheNextOneGoes) {
  SmtpServer server;
  SmtpSender sender(clock, options_for(server.port()));
  {
    const NoThreads none;
    const auto result = send(sender, mail());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::kUnavailable);
  }
  EXPECT_TRUE(send(sender, mail()));
  {
    const NoThreads none;
    EXPECT_TRUE(send(sender, mail())) << "by the thread that there is";
  }
}

}  // namespace
}  // namespace countersign::delivery
