#include "contact/email_address.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace countersign::contact {
namespace {

std::string read_email(std::string_view typed) {
  const auto address = EmailAddress::parse(typed);
  return address ? address->text() : std::string(to_text(address.error()));
}

TEST(EmailAddress, KeepsTheLocalPartAndLowersTheDomain) {
  EXPECT_EQ(read_email("maria@exemplo.com.br"), "maria@exemplo.com.br");
  EXPECT_EQ(read_email("Maria.Silva+palco@EXEMPLO.com.BR"), "Maria.Silva+palco@exemplo.com.br");
  EXPECT_EQ(read_email("  maria@exemplo.com "), "maria@exemplo.com");
  EXPECT_EQ(read_email("!#$%&'*+-/=?^_`{|}~@exemplo.com"), "!#$%&'*+-/=?^_`{|}~@exemplo.com");
  EXPECT_EQ(read_email("a@xn--exmplo-cva.com"), "a@xn--exmplo-cva.com");
  EXPECT_EQ(read_email("a@1.2.3.example"), "a@1.2.3.example");
}

TEST(EmailAddress, IsLookedUpInLowerCase) {
  const auto address = EmailAddress::parse("Maria@Exemplo.com");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->index_text(), "maria@exemplo.com");
  EXPECT_EQ(address->local_part(), "Maria");
  EXPECT_EQ(address->domain(), "exemplo.com");
  EXPECT_TRUE(*address == *EmailAddress::parse("mARIA@exemplo.com"));
  EXPECT_FALSE(*address == *EmailAddress::parse("mario@exemplo.com"));
}

TEST(EmailAddress, RefusesWhatWeDoNotSendTo) {
  EXPECT_EQ(read_email(""), "empty");
  EXPECT_EQ(read_email("   "), "empty");
  EXPECT_EQ(read_email("maria"), "missing_at");
  EXPECT_EQ(read_email("a@b@exemplo.com"), "missing_at");
  EXPECT_EQ(read_email("a@exemplo.com,b@exemplo.com"), "missing_at");
  for (const char* typed :
       {"@exemplo.com", ".a@exemplo.com", "a.@exemplo.com", "a..b@exemplo.com", "\"a b\"@exemplo.com",
        "a b@exemplo.com", "a(comment)@exemplo.com", "a\r\nBcc:b@exemplo.com", "Maria <a@exemplo.com",
        "a,b@exemplo.com", "a\u202Eb@exemplo.com", "a\tb@exemplo.com"}) {
    EXPECT_EQ(read_email(typed), "local_part") << typed;
  }
  for (const char* typed : {"a@", "a@exemplo", "a@.com", "a@exemplo..com", "a@exemplo.com.", "a@-exemplo.com",
                            "a@exemplo-.com", "a@[192.0.2.1]", "a@192.0.2.1", "a@exem plo.com", "a@exem_plo.com",
                            "a@exemplo.com\n", "a@exemplo.com\r\nBcc: b", "a@exemplo.com>"}) {
    EXPECT_EQ(read_email(typed), "domain") << typed;
  }
  EXPECT_EQ(read_email("a@ex\u00EAmplo.com"), "international");
  EXPECT_EQ(read_email("a@exemplo\u3002com"), "international");
  EXPECT_EQ(read_email(std::string("a@exemplo\0.com", 14)), "domain");
}

TEST(EmailAddress, MayHaveLettersOfAnyScriptBeforeTheAt) {
  for (const char* typed : {"jo\u00E3o@exemplo.com", "\u0438\u0432\u0430\u043D.\u043F@example.com",
                            "\u7528\u6237@example.com", "\u0639\u0644\u064A@example.com", "a\u0301@example.com"}) {
    const auto address = EmailAddress::parse(typed);
    ASSERT_TRUE(address) << typed;
    EXPECT_TRUE(address->needs_smtputf8()) << typed;
  }
  EXPECT_FALSE(EmailAddress::parse("joao@xn--exmplo-cva.com")->needs_smtputf8());
}

// However it was typed, it is one mailbox with one key.
TEST(EmailAddress, HasOneSpelling) {
  const auto composed = EmailAddress::parse("jo\u00E3o@exemplo.com");
  EXPECT_EQ(read_email("joa\u0303o@exemplo.com"), composed->text());
  EXPECT_EQ(read_email("JO\u00C3O@exemplo.com"), "JO\u00C3O@exemplo.com");
  EXPECT_EQ(EmailAddress::parse("JO\u00C3O@Exemplo.com")->index_text(), composed->index_text());
  EXPECT_EQ(EmailAddress::parse("JOA\u0303O@exemplo.com")->index_text(), composed->index_text());
  EXPECT_EQ(EmailAddress::parse("\u0418\u0412\u0410\u041D@example.com")->index_text(),
            EmailAddress::parse("\u0438\u0432\u0430\u043D@example.com")->index_text());
  EXPECT_NE(EmailAddress::parse("joao@exemplo.com")->index_text(), composed->index_text());
}

TEST(EmailAddress, HidesAndTurnsNothing) {
  for (const char* hidden :
       {"\u202E", "\u2066",     "\u200F",     "\u061C", "\u200B", "\u200D",       "\u2060",   "\uFEFF", "\u00AD",
        "\uFE0F", "\u0085",     "\u00A0",     "\u2003", "\u3000", "\u2028",       "\uFF20",   "\uFF0E", "\u3002",
        "\uE000", "\U000E0041", "\U0010FFFF", "\uFDD0", "\xC3",   "\xED\xA0\x80", "\xC0\xAF", "\u3164"}) {
    EXPECT_EQ(read_email(std::string("jo\u00E3") + hidden + "o@exemplo.com"), "local_part") << hidden;
  }
  for (const char* injected :
       {"jo\u00E3o\r\nBcc: b", "jo\u00E3o>\r\nRCPT TO:<b", "jo\u00E3o\r\n", "jo\u00E3o\n", "\u00E3 b"})
    EXPECT_EQ(read_email(std::string(injected) + "@exemplo.com"), "local_part");
}

TEST(EmailAddress, HoldsTheLengthsOfRfc5321) {
  std::string wide;  // In bytes, whatever the letters.
  for (int i = 0; i < 32; ++i) wide += "\u00E3";
  EXPECT_EQ(read_email(wide + "@exemplo.com"), wide + "@exemplo.com");
  EXPECT_EQ(read_email(wide + "a@exemplo.com"), "too_long");
  const std::string local(64, 'a');
  EXPECT_EQ(read_email(local + "@exemplo.com"), local + "@exemplo.com");
  EXPECT_EQ(read_email(local + "a@exemplo.com"), "too_long");
  const std::string label(63, 'b');
  const std::string longest = local + '@' + label + '.' + label + '.' + std::string(57, 'c') + ".com";
  ASSERT_EQ(longest.size(), 254U);
  EXPECT_EQ(read_email(longest), longest);
  EXPECT_EQ(read_email(local + '@' + label + '.' + label + '.' + std::string(58, 'c') + ".com"), "too_long");
  EXPECT_EQ(read_email("a@" + label + ".com"), "a@" + label + ".com");
  EXPECT_EQ(read_email("a@" + label + "b.com"), "domain");
}

TEST(EmailAddress, WhatIsReadIsReadAgainAsItself) {
  EXPECT_TRUE(rc::check("canonical form", [] {
    const auto piece =
        rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ09.-+_@ \"<>\r\n\xC3\xA3\x83\xCC")));
    const auto typed = *piece + "@" + *piece + ".com";
    const auto address = EmailAddress::parse(typed);
    if (!address) return;
    RC_ASSERT(EmailAddress::parse(address->text())->text() == address->text());
    RC_ASSERT(EmailAddress::parse(address->index_text())->index_text() == address->index_text());
    RC_ASSERT(address->text().find_first_of(" \"<>\r\n") == std::string::npos);
  }));
}

}  // namespace
}  // namespace countersign::contact
