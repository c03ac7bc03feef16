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
        "a b@exemplo.com", "a(comment)@exemplo.com", "jo\u00E3o@exemplo.com", "a\r\nBcc:b@exemplo.com",
        "Maria <a@exemplo.com", "a,b@exemplo.com", "a\u202Eb@exemplo.com", "a\tb@exemplo.com"}) {
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

TEST(EmailAddress, HoldsTheLengthsOfRfc5321) {
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
    const auto piece = rc::gen::container<std::string>(rc::gen::elementOf(std::string("aZ09.-+_@ \"<>\r\n\xC3\xA3")));
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
