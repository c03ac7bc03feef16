#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "demo/sealing.h"
#include "unit/demo/desk_fixture.h"

namespace countersign::demo {
namespace {

class DraftsAtRestTest : public DeskTest {
 protected:
  /// The database with its log and its index of the log.
  [[nodiscard]] std::string everything_on_disk() const {
    std::stringstream all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) all << std::ifstream(entry.path()).rdbuf();
    return all.str();
  }
};

const Fields kBank{{"kind", "bank"}, {"bank", "341"}, {"branch", "2545"}, {"account", "02366-1"}};

TEST_F(DraftsAtRestTest, BankDetailsCannotBeReadBeforeTheClaim) {
  save_step(*database_, organizer_, visitor_, Step::kEvent, {{"venue", "Galpão das Artes"}}, moment_);
  save_step(*database_, organizer_, visitor_, Step::kPayout, kBank, moment_);
  const auto disk = everything_on_disk();
  EXPECT_NE(disk.find("Galpão das Artes"), std::string::npos) << "or this looks in the wrong place";
  EXPECT_EQ(disk.find("02366"), std::string::npos);
  EXPECT_EQ(disk.find("2545"), std::string::npos);
  EXPECT_EQ(disk.find(visitor_.cookie()), std::string::npos);
  EXPECT_EQ(load_draft(*database_, organizer_, visitor_).payout, kBank);
}

/// Gives 100, 101, 102, …
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 100;
};

std::string bytes_from_zero() {
  std::string bytes;
  for (int byte = 0; byte < 32; ++byte) bytes += static_cast<char>(byte);
  return bytes;
}

// Computed by another implementation of AES-GCM and HMAC: drafts and cookies of before must open.
TEST(DraftForms, ASealedDraft) {
  CountingRandom random;
  const std::string sealed = seal(bytes_from_zero(), "bank details", "org_1", random);
  EXPECT_EQ(to_hex(sealed),
            "6465666768696a6b6c6d6e6f"            // nonce
            "2a7ab00d598d33ea5f0b339b"            // ciphertext
            "32515197004a203587fcfe0f22bd3357");  // tag
  EXPECT_EQ(unseal(bytes_from_zero(), sealed, "org_1")->expose(), "bank details");
}

TEST(DraftForms, WhatFollowsFromACookie) {
  const auto visitor = Visitor::from_cookie("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
  ASSERT_TRUE(visitor);
  EXPECT_EQ(visitor->cookie(), to_base64url(bytes_from_zero()));
  EXPECT_EQ(to_hex(visitor->session()), "9b0b5ca3ddb4e3e6664f124026c77c8f053641bd138d1d745b8834c67ec7f6fd");
  EXPECT_EQ(to_hex(visitor->draft_key().expose()), "11158fbcf0b21efd3210a0590e45b8efa12e379228598a2b0ad30778e9ee5a82");
  EXPECT_EQ(visitor->form_token(), "TipInUlupYIiALv0HzdRnez7LKemNTK3la8FRQmLzYY");
}

TEST_F(DraftsAtRestTest, AnotherCookieOpensNothing) {
  save_step(*database_, organizer_, visitor_, Step::kPayout, kBank, moment_);
  EXPECT_FALSE(load_draft(*database_, organizer_, Visitor::make(random_)).payout);
}

TEST_F(DraftsAtRestTest, ADraftOpensForItsOrganizerAlone) {
  const std::string key(32, 'k');
  const auto sealed = seal(key, "02366-1", "org_a", random_);
  EXPECT_EQ(unseal(key, sealed, "org_a")->expose(), "02366-1");
  EXPECT_FALSE(unseal(key, sealed, "org_b"));
  EXPECT_FALSE(unseal(std::string(32, 'K'), sealed, "org_a"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(unseal(key, changed, "org_a")) << i;
  }
  EXPECT_FALSE(unseal(key, sealed.substr(0, 27), "org_a"));
  EXPECT_NE(seal(key, "02366-1", "org_a", random_), sealed);
}

TEST_F(DraftsAtRestTest, TheCookiesThreeValuesDiffer) {
  EXPECT_NE(visitor_.session(), visitor_.draft_key().expose());
  EXPECT_EQ(Visitor::from_cookie(visitor_.cookie())->form_token(), visitor_.form_token());
  EXPECT_NE(Visitor::make(random_).form_token(), visitor_.form_token());
  for (const auto* cookie : {"", "abc", "====", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    EXPECT_FALSE(Visitor::from_cookie(cookie)) << cookie;
}

TEST_F(DraftsAtRestTest, NobodyElseReadsTheFile) {
  struct stat status{};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(DraftsAtRestTest, NaughtyStringsComeBackAsTheyWere) {
  for (const std::string text : {"'); DROP TABLE drafts; --", "<script>alert(1)</script>", "\"\\\n\t",
                                 "👩‍👩‍👧 ﷽ \u202E", "{{name}}", "%00%s%n", "Ω≈ç√∫˜µ≤≥÷"}) {
    const Fields fields{{"kind", "pix"}, {"pix_key", text}};
    save_step(*database_, organizer_, visitor_, Step::kPayout, fields, moment_);
    save_step(*database_, organizer_, visitor_, Step::kAccount, fields, moment_);
    const auto draft = load_draft(*database_, organizer_, visitor_);
    EXPECT_EQ(draft.payout, fields);
    EXPECT_EQ(draft.account, fields);
  }
}

}  // namespace
}  // namespace countersign::demo
