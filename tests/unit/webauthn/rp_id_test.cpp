#include "webauthn/rp_id.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "support/vectors.h"

namespace countersign::webauthn {
namespace {

/// Rules of each form.
const PublicSuffixList& some_rules() {
  static const PublicSuffixList list = PublicSuffixList::parse(
      "// ===BEGIN ICANN DOMAINS===\n"
      "com\n"
      "\n"
      "uk\n"
      "co.uk\n"
      "// comment\n"
      "*.ck\n"
      "!www.ck\n"
      "jp\n"
      "kobe.jp\n"
      "*.kobe.jp\n"
      "!city.kobe.jp\n"
      "cn\n"
      "公司.cn  trailing words are no part of the rule\n"
      "// ===BEGIN PRIVATE DOMAINS===\n"
      "github.io\r\n"
      "io");  // no line end
  return list;
}

TEST(PublicSuffix, Rules) {
  EXPECT_EQ(some_rules().suffix_of("example.com"), "com");
  EXPECT_EQ(some_rules().suffix_of("com"), "com");
  EXPECT_EQ(some_rules().suffix_of("a.b.example.co.uk"), "co.uk");
  EXPECT_EQ(some_rules().suffix_of("example.uk"), "uk");
  EXPECT_EQ(some_rules().suffix_of("a.example.ck"), "example.ck");
  EXPECT_EQ(some_rules().suffix_of("www.ck"), "ck");
  EXPECT_EQ(some_rules().suffix_of("a.www.ck"), "ck");
  EXPECT_EQ(some_rules().suffix_of("a.b.kobe.jp"), "b.kobe.jp");
  EXPECT_EQ(some_rules().suffix_of("a.city.kobe.jp"), "kobe.jp");
  EXPECT_EQ(some_rules().suffix_of("a.xn--55qx5d.cn"), "xn--55qx5d.cn");
  EXPECT_EQ(some_rules().suffix_of("ana.github.io"), "github.io");
  EXPECT_EQ(some_rules().suffix_of("host.lan"), "lan");
  EXPECT_TRUE(some_rules().lists("github.io"));
  EXPECT_FALSE(some_rules().lists("ana.github.io"));
  EXPECT_FALSE(some_rules().lists("lan"));
  EXPECT_EQ(PublicSuffixList::parse("").size(), 0U);
}

// Wherever a rule stands, and nothing that is not there.
TEST(PublicSuffix, SortedRulesAreFoundWithoutParsing) {
  std::string text;
  std::vector<std::string> names;
  for (char c = 'a'; c <= 'z'; ++c) {
    names.push_back(std::string(static_cast<std::size_t>(1 + (c * 7) % 5), c) + ".example");
    text += names.back() + "\n";
    const auto list = PublicSuffixList::of_sorted(text);
    EXPECT_EQ(list.size(), names.size());
    for (const auto& name : names) {
      EXPECT_TRUE(list.lists(name)) << names.size();
      EXPECT_FALSE(list.lists(name.substr(1))) << names.size();
      EXPECT_FALSE(list.lists(name + "s")) << names.size();
    }
  }
}

// RFC 3492, section 7.1, and labels in use.
TEST(PublicSuffix, Punycode) {
  EXPECT_EQ(ascii_label("Example"), "example");
  EXPECT_EQ(ascii_label("bücher"), "xn--bcher-kva");
  EXPECT_EQ(ascii_label("公司"), "xn--55qx5d");
  EXPECT_EQ(ascii_label("香港"), "xn--j6w193g");
  EXPECT_EQ(ascii_label("рф"), "xn--p1ai");
  EXPECT_EQ(ascii_label("他们为什么不说中文"), "xn--ihqwcrb4cv8a8dqg056pqjye");
  EXPECT_EQ(ascii_label("porqué"), "xn--porqu-fsa");
  EXPECT_EQ(ascii_label("\xff"), "");
  EXPECT_EQ(ascii_host("a.bücher.de"), "a.xn--bcher-kva.de");
  EXPECT_EQ(ascii_host("a..de"), "");
  EXPECT_EQ(ascii_host(""), "");
}

// Debian's own file, where it is installed.
TEST(PublicSuffix, TheWholeList) {
  const std::filesystem::path file = "/usr/share/publicsuffix/public_suffix_list.dat";
  if (!std::filesystem::exists(file)) {
    std::cout << file << ": not there, not run\n";
    return;
  }
  const auto list = PublicSuffixList::parse(countersign::testing::read_file(file));
  EXPECT_GT(list.size(), 8000U);
  EXPECT_EQ(list.suffix_of("www.example.com.br"), "com.br");
  EXPECT_EQ(list.suffix_of("ana.github.io"), "github.io");
  EXPECT_EQ(list.suffix_of("x.y.kawasaki.jp"), "y.kawasaki.jp");
  EXPECT_EQ(list.suffix_of("x.city.kawasaki.jp"), "kawasaki.jp");
  EXPECT_EQ(list.suffix_of("shop.xn--p1ai"), "xn--p1ai");
  EXPECT_EQ(list.suffix_of("a.b.xn--55qx5d.cn"), "xn--55qx5d.cn");
}

std::optional<RpIdFault> rp_id_fault(std::string_view rp_id, std::string_view host) {
  const auto problem = judge_rp_id(rp_id, host, some_rules());
  return problem ? std::optional(problem->fault) : std::nullopt;
}

std::string rp_id_remedy(std::string_view rp_id, std::string_view host) {
  const auto problem = judge_rp_id(rp_id, host, some_rules());
  return problem ? problem->remedy : "";
}

TEST(RpId, TheHostOrARegistrableParent) {
  EXPECT_EQ(rp_id_fault("login.example.com", "login.example.com"), std::nullopt);
  EXPECT_EQ(rp_id_fault("example.com", "login.example.com"), std::nullopt);
  EXPECT_EQ(rp_id_fault("ana.github.io", "ana.github.io"), std::nullopt);
  EXPECT_EQ(rp_id_fault("localhost", "localhost"), std::nullopt);
  EXPECT_EQ(rp_id_fault("intranet", "intranet"), std::nullopt);
  EXPECT_EQ(rp_id_fault("auth.lan", "auth.lan"), std::nullopt);
  EXPECT_EQ(rp_id_fault("xn--bcher-kva.com", "shop.xn--bcher-kva.com"), std::nullopt);
}

TEST(RpId, OfAnotherHost) {
  EXPECT_EQ(rp_id_fault("example.org", "login.example.com"), RpIdFault::kNotOfThisHost);
  EXPECT_EQ(rp_id_fault("other.example.com", "login.example.com"), RpIdFault::kNotOfThisHost);
  EXPECT_EQ(rp_id_fault("a.login.example.com", "login.example.com"), RpIdFault::kNotOfThisHost);
  EXPECT_EQ(rp_id_fault("ample.com", "login.example.com"), RpIdFault::kNotOfThisHost);
  EXPECT_EQ(rp_id_remedy("example.org", "login.example.com"),
            "\"example.org\" is neither the host of the pages, \"login.example.com\", nor a parent of it. Write "
            "\"login.example.com\", or \"example.com\" if other hosts under it are to use the same passkeys.");
  EXPECT_EQ(rp_id_remedy("example.org", "example.com"),
            "\"example.org\" is neither the host of the pages, \"example.com\", nor a parent of it. Write "
            "\"example.com\".");
}

TEST(RpId, PublicSuffixes) {
  EXPECT_EQ(rp_id_fault("com", "login.example.com"), RpIdFault::kPublicSuffix);
  EXPECT_EQ(rp_id_fault("co.uk", "example.co.uk"), RpIdFault::kPublicSuffix);
  EXPECT_EQ(rp_id_fault("github.io", "ana.github.io"), RpIdFault::kPublicSuffix);
  EXPECT_EQ(rp_id_fault("github.io", "github.io"), RpIdFault::kPublicSuffix);
  EXPECT_EQ(rp_id_fault("lan", "auth.lan"), RpIdFault::kPublicSuffix);
  EXPECT_EQ(rp_id_fault("xn--55qx5d.cn", "a.xn--55qx5d.cn"), RpIdFault::kPublicSuffix);
  EXPECT_EQ(rp_id_remedy("co.uk", "login.example.co.uk"),
            "\"co.uk\" is a public suffix, under which others have their sites. Write \"login.example.co.uk\", or "
            "\"example.co.uk\" if other hosts under it are to use the same passkeys.");
}

TEST(RpId, Addresses) {
  EXPECT_EQ(rp_id_fault("192.0.2.1", "login.example.com"), RpIdFault::kIpAddress);
  EXPECT_EQ(rp_id_fault("::1", "login.example.com"), RpIdFault::kIpAddress);
  EXPECT_EQ(rp_id_fault("[2001:db8::1]", "login.example.com"), RpIdFault::kIpAddress);
  EXPECT_EQ(rp_id_fault("example.com", "192.0.2.1"), RpIdFault::kIpAddress);
  EXPECT_EQ(rp_id_remedy("192.0.2.1", "192.0.2.1"),
            "The pages are at the IP address 192.0.2.1, for which no browser makes passkeys. Give the server a host "
            "name.");
}

TEST(RpId, NotAHostName) {
  for (const char* text : {"https://example.com", "example.com:443", "example.com/", "example.com.", ".example.com",
                           "Example.com", "exa mple.com", "1.2.3", "*.example.com"}) {
    EXPECT_EQ(rp_id_fault(text, "login.example.com"), RpIdFault::kNotHostName) << text;
  }
  EXPECT_EQ(rp_id_fault("", "login.example.com"), RpIdFault::kEmpty);
  EXPECT_EQ(rp_id_fault("bücher.com", "xn--bcher-kva.com"), RpIdFault::kNotAscii);
  EXPECT_EQ(rp_id_remedy("bücher.com", "xn--bcher-kva.com"),
            "The RP ID must be in ASCII, as browsers compare it. Write \"xn--bcher-kva.com\" if that is the name in "
            "lower-case letters.");
}

}  // namespace
}  // namespace countersign::webauthn
