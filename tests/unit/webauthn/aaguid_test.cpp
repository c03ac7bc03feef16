#include "webauthn/aaguid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace countersign::webauthn {
namespace {

TEST(Aaguid, IsWrittenAsAUuid) {
  const std::string bytes("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
  EXPECT_EQ(aaguid_text(bytes), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(aaguid_from_text("00112233-4455-6677-8899-aabbccddeeff"), bytes);
  EXPECT_EQ(aaguid_from_text("00112233-4455-6677-8899-AABBCCDDEEFF"), bytes);
}

TEST(Aaguid, HasNoOtherForm) {
  for (const char* other : {"", "00112233445566778899aabbccddeeff", "{00112233-4455-6677-8899-aabbccddeeff}",
                            "00112233-4455-6677-8899-aabbccddeefg", "00112233-4455-6677-8899-aabbccddeef",
                            "001122334-455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff "}) {
    EXPECT_FALSE(aaguid_from_text(other)) << other;
  }
}

RC_GTEST_PROP(Aaguid, SurvivesAnything, (const std::string& text)) { static_cast<void>(aaguid_from_text(text)); }

TEST(AuthenticatorName, IsThatOfTheProvider) {
  const auto named = [](std::string_view text) { return authenticator_name(aaguid_from_text(text).value()); };
  EXPECT_EQ(named("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"), "Google Password Manager");
  EXPECT_EQ(named("D548826E-79B4-DB40-A3D8-11116F7E8349"), "Bitwarden");
  EXPECT_FALSE(named("00000000-0000-0000-0000-000000000000")) << "of none";
  EXPECT_FALSE(named("00112233-4455-6677-8899-aabbccddeeff"));
  EXPECT_FALSE(authenticator_name("")) << "no AAGUID";
}

}  // namespace
}  // namespace countersign::webauthn
