#include "delivery/mail/mime.h"

#include <gmock/gmock.h>

#include "base/encoding.h"

namespace countersign::delivery {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Mail some_mail() {
  return {.from_name = "Palco",
          .from = "codes@palco.example",
          .to = "ana@example.com",
          .subject = "482913 is your code",
          .text = "482913\n",
          .html = "<p>482913</p>\n",
          .message_id = "MG1@palco.example",
          .locale = "en",
          .date = WallTime(std::chrono::seconds(1'700'000'000))};
}

/// The text of encoded words, put together as a reader does.
std::string decoded(std::string_view header) {
  std::string out;
  for (std::size_t at = header.find("=?utf-8?B?"); at != std::string_view::npos; at = header.find("=?utf-8?B?", at)) {
    at += 10;
    const auto end = header.find("?=", at);
    out += from_base64(header.substr(at, end - at)).value_or("broken");
  }
  return out;
}

TEST(WriteMail, HasTheHeadersOfAnAutomaticMail) {
  const auto mail = write_mail(some_mail());
  EXPECT_THAT(mail, HasSubstr("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
  EXPECT_THAT(mail, HasSubstr("From: \"Palco\"\r\n <codes@palco.example>\r\n"));
  EXPECT_THAT(mail, HasSubstr("To: <ana@example.com>\r\n"));
  EXPECT_THAT(mail, HasSubstr("Message-ID: <MG1@palco.example>\r\n"));
  EXPECT_THAT(mail, HasSubstr("Subject: 482913 is your code\r\n"));
  EXPECT_THAT(mail, HasSubstr("Auto-Submitted: auto-generated\r\n"));
  EXPECT_THAT(mail, HasSubstr("Content-Language: en\r\n"));
}

TEST(WriteMail, NothingFromOutsideAddsAHeader) {
  auto mail = some_mail();
  mail.from_name = "Palco\r\nBcc: eve@evil.example";
  mail.subject = "code\nBcc: eve@evil.example\r\n\r\nbody";
  mail.to = "ana@example.com>\r\nBcc: <eve@evil.example";
  mail.locale = "en\r\nBcc: eve@evil.example";
  const auto written = write_mail(mail);
  EXPECT_THAT(written, Not(HasSubstr("\nBcc")));
  EXPECT_THAT(written, Not(HasSubstr("\n\r\nbody")));
}

TEST(WriteMail, IsAsciiInShortLines) {
  auto mail = some_mail();
  const std::string long_text(5'000, 'x');
  const std::string accents = "São Paulo: " + std::string(900, 'a') + " é ã ç\n.\nFrom here\n" + long_text;
  mail.text = accents;
  mail.subject = accents;
  mail.from_name = accents;
  const auto written = write_mail(mail);
  std::size_t line = 0;
  for (std::size_t i = 0; i < written.size(); ++i) {
    ASSERT_LT(static_cast<unsigned char>(written[i]), 0x80);
    if (written[i] == '\n') {
      ASSERT_EQ(written[i - 1], '\r');
      line = 0;
    } else {
      ASSERT_LE(++line, 77U) << "at " << i;
    }
  }
}

TEST(HeaderText, IsSplitBetweenCharactersOnly) {
  const std::string name = "Conta de recebimento: ação número três €€€€€€€€€€€€€€€€€€€€€€€€ 😀😀😀😀😀😀";
  const auto header = header_text(name);
  EXPECT_EQ(decoded(header), name);
  for (std::size_t at = header.find("=?utf-8?B?"); at != std::string::npos; at = header.find("=?utf-8?B?", at + 1)) {
    const auto end = header.find("?=", at + 10);
    EXPECT_LE(end + 2 - at, 75U);
    const auto word = from_base64(header.substr(at + 10, end - at - 10));
    ASSERT_TRUE(word);
    EXPECT_NE(static_cast<unsigned char>(word->front()) & 0xC0, 0x80) << "begins within a character";
  }
}

TEST(HeaderText, LeavesPlainTextAndHidesWhatLooksEncoded) {
  EXPECT_EQ(header_text("482913 is your code"), "482913 is your code");
  EXPECT_EQ(decoded(header_text("=?utf-8?B?ZXZpbA==?=")), "=?utf-8?B?ZXZpbA==?=");
  EXPECT_EQ(header_text(""), "");
}

TEST(QuotedPrintable, KeepsSpacesAtTheEndsOfLines) {
  EXPECT_EQ(quoted_printable("a \nb=\n"), "a=20\r\nb=3D\r\n");
  EXPECT_EQ(quoted_printable("é\n"), "=C3=A9\r\n");
  EXPECT_EQ(quoted_printable("no end"), "no end\r\n");
  EXPECT_EQ(quoted_printable(""), "");
}

}  // namespace
}  // namespace countersign::delivery
