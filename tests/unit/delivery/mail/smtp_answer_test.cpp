#include "delivery/mail/smtp_answer.h"

#include <gtest/gtest.h>

namespace countersign::delivery {
namespace {

TEST(ReadSmtpAnswer, ReadsCodeAndEnhancedCode) {
  const auto answer = read_smtp_answer("550 5.1.10 no such user\r\n");
  EXPECT_EQ(answer.code, 550);
  EXPECT_EQ(answer.enhanced, "5.1.10");
  EXPECT_EQ(read_smtp_answer("250-SIZE 100").code, 250);
  EXPECT_EQ(read_smtp_answer("250").code, 250);
  EXPECT_EQ(read_smtp_answer("550 5.1 x").enhanced, "");
  EXPECT_EQ(read_smtp_answer("550 5.1.1234 x").enhanced, "");
  EXPECT_EQ(read_smtp_answer("550 5.1.1").enhanced, "5.1.1");
  EXPECT_EQ(read_smtp_answer("421 192.0.2.1 is full").enhanced, "");
}

TEST(ReadSmtpAnswer, NothingElseIsOne) {
  for (const char* line : {"", "5", "55", "abc", "650 x", "150 x", "5501 x", "55a x", "550x"})
    EXPECT_EQ(read_smtp_answer(line).code, 0) << line;
}

TEST(SmtpRefusal, SaysWhoseFaultItIs) {
  struct Case {
    const char* line;
    Fault fault;
  };
  for (const auto& [line, fault] : {
           Case{"550 5.1.1 no such user", Fault::kInvalidAddress},
           Case{"550 5.1.10 null MX", Fault::kInvalidAddress},
           Case{"550 5.2.1 disabled", Fault::kInvalidAddress},
           Case{"553 5.6.7 no SMTPUTF8", Fault::kUnsupportedAddress},
           Case{"452 4.2.2 mailbox full", Fault::kUnavailable},
           Case{"450 4.7.1 greylisted", Fault::kUnavailable},
           Case{"421 4.7.28 too fast", Fault::kRateLimited},
           Case{"421 shutting down", Fault::kUnavailable},
           Case{"451 local error", Fault::kUnavailable},
           Case{"454 4.7.0 TLS not available", Fault::kMisconfigured},
           Case{"530 5.7.0 sign in first", Fault::kMisconfigured},
           Case{"535 5.7.8 wrong password", Fault::kMisconfigured},
           Case{"550 5.7.26 SPF and DKIM missing", Fault::kMisconfigured},
           Case{"554 5.7.1 relaying denied", Fault::kMisconfigured},
           Case{"501 5.5.4 bad argument", Fault::kMisconfigured},
           Case{"555 not implemented", Fault::kMisconfigured},
           Case{"550 rejected", Fault::kRejected},  // Ours or the person's address: it does not say.
           Case{"554 5.6.0 content", Fault::kRejected},
       }) {
    const auto error = provider_error_of(read_smtp_answer(line));
    EXPECT_EQ(name_of(error.fault), name_of(fault)) << line;
    EXPECT_FALSE(error.maybe_sent) << line;
    EXPECT_FALSE(error.provider_code.empty()) << line;
  }
}

}  // namespace
}  // namespace countersign::delivery
