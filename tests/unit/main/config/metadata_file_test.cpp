#include "main/config/metadata_file.h"

#include <gtest/gtest.h>

#include "main/config/parts.h"
#include "unit/main/workplace.h"
#include "unit/webauthn/metadata_publisher.h"
#include "webauthn/aaguid.h"

// The metadata of FIDO as an operator's file: what is read, what is refused with which words, what stays.
namespace countersign::main {
namespace {

using namespace webauthn::testing;  // NOLINT(google-build-using-namespace): makers of certificates alone.
using std::chrono::hours;
using webauthn::Certificate;

struct MetadataFileTest : ::testing::Test {
  std::string read(std::string_view text, WallTime now = kInDate) {
    place.write("blob.jwt", text);
    const auto done = file.read(now);
    return done ? "read" : done.error();
  }
  [[nodiscard]] bool against(WallTime now = kInDate) const {
    return file.speaks_against(*webauthn::aaguid_from_text(kModel), leaf, now);
  }
  [[nodiscard]] std::size_t roots() const { return file.roots_of(*webauthn::aaguid_from_text(kModel), leaf).size(); }

  Workplace place;
  Publisher fido{kInDate};
  MetadataFile file{place.dir() / "blob.jwt", fido.trust()};
  Certificate leaf = Certificate::parse(fido.vendor.der).value();
};

TEST_F(MetadataFileTest, SaysWhoVouchesForAModelAndWhatSpeaksAgainstIt) {
  EXPECT_EQ(roots(), 0U) << "nothing was read";
  EXPECT_EQ(read(fido.blob(1)), "read");
  EXPECT_EQ(roots(), 1U);
  EXPECT_FALSE(against());
  EXPECT_FALSE(file.speaks_against(std::string(16, 'x'), leaf, kInDate)) << "an unknown model";
  for (const char* status : {"REVOKED", "ATTESTATION_KEY_COMPROMISE", "USER_VERIFICATION_BYPASS"}) {
    EXPECT_EQ(read(fido.blob(2, R"({"status":")" + std::string(status) + R"("})")), "read");
    EXPECT_TRUE(against()) << status;
  }
  EXPECT_EQ(read(fido.blob(3, R"({"status":"REVOKED","effectiveDate":"2026-01-02"})")), "read");
  EXPECT_FALSE(against()) << "not yet";
  EXPECT_TRUE(against(kInDate + hours(24)));
}

// What cannot be used leaves in force what was read before.
TEST_F(MetadataFileTest, WhatCannotBeUsedChangesNothing) {
  ASSERT_EQ(read(fido.blob(7, R"({"status":"REVOKED"})")), "read");
  const auto said = [&](std::string_view text, WallTime now = kInDate) {
    const auto out = read(text, now);
    EXPECT_EQ(file.current()->number(), 7) << out;
    EXPECT_TRUE(against()) << out;
    return out;
  };
  EXPECT_EQ(said(fido.blob(6)), "is older than the one in use");
  EXPECT_EQ(said("no blob"), "is no metadata of FIDO; download it from https://mds3.fidoalliance.org");
  EXPECT_EQ(said(""), "is no metadata of FIDO; download it from https://mds3.fidoalliance.org");
  auto changed = fido.blob(8);
  changed.back() = changed.back() == 'A' ? 'Q' : 'A';
  EXPECT_NE(said(changed), "read");
  EXPECT_NE(said(fido.blob(8), kInDate + hours(48)).find("out of date"), std::string::npos);
  EXPECT_NE(said(Publisher(kInDate).blob(8)).find("does not lead to a certificate of metadata_root"),
            std::string::npos);
  std::filesystem::resize_file(place.dir() / "blob.jwt", std::uintmax_t{33} * 1024 * 1024);
  EXPECT_EQ(file.read(kInDate).error(), "is larger than 32 MiB");
  std::filesystem::remove(place.dir() / "blob.jwt");
  EXPECT_NE(file.read(kInDate).error().find("cannot be read"), std::string::npos);
  std::filesystem::create_directory(place.dir() / "blob.jwt");
  EXPECT_EQ(file.read(kInDate).error(), "is not a regular file");
  EXPECT_EQ(file.current()->number(), 7);
}

TEST(ConfigMetadata, IsReadVerifiedAndShared) {
  const Workplace place;
  place.write_secrets();
  const Publisher now(system_clock().now());
  place.write("blob.jwt", now.blob(42));
  place.write("root.pem", now.root_pem());
  const auto table = [](std::string_view service) {
    return std::string(service) +
           "[services.webauthn]\nattestation = \"trusted\"\nmetadata = \"blob.jwt\"\nmetadata_root = \"root.pem\"\n";
  };
  const std::string second = "[[services]]\nname = \"second\"\npolicies = [\"payout\"]\n";
  auto text = replaced(std::string(kGoodConfig), "any_of = [\"sms\"", "any_of = [\"webauthn\", \"sms\"");
  const auto config = load_config(place.production(text + table("")));
  ASSERT_TRUE(config) << config.error().sentence;
  ASSERT_TRUE(config->services[0].webauthn->metadata);
  const auto said = summary(*config, "x");
  EXPECT_NE(said.find("metadata  number 42 of FIDO, 1 models, the next due by 2026-01-15"), std::string::npos) << said;
  EXPECT_NE(said.find("blob.jwt is out of date since 2026-01-15"), std::string::npos) << said;
  place.write("blob.jwt", now.blob(43, "", "2999-01-01"));
  EXPECT_EQ(summary(*load_config(place.production(text + table(""))), "x").find("out of date"), std::string::npos);
}

TEST(ConfigMetadata, WhatIsNoneIsRefusedWithASentence) {
  const Workplace place;
  place.write_secrets();
  const Publisher old(kInDate);
  const Publisher now(system_clock().now());
  const auto said = [&](std::string_view lines) {
    return sentence_of(place.production(std::string(kGoodConfig) + "[services.webauthn]\n" + std::string(lines)));
  };
  const std::string both = "attestation = \"trusted\"\nmetadata = \"blob.jwt\"\nmetadata_root = \"root.pem\"\n";
  place.write("root.pem", old.root_pem());
  place.write("blob.jwt", old.blob(1));
  EXPECT_NE(said(both).find("out of date"), std::string::npos) << said(both);
  place.write("blob.jwt", now.blob(1));
  EXPECT_NE(said(both).find("does not lead to a certificate of metadata_root"), std::string::npos) << said(both);
  place.write("blob.jwt", "x");
  EXPECT_NE(said(both).find("is no metadata of FIDO"), std::string::npos) << said(both);
  EXPECT_NE(said("attestation = \"trusted\"\nmetadata = \"blob.jwt\"\n").find("metadata_root is missing"),
            std::string::npos);
  EXPECT_NE(said("attestation = \"trusted\"\nmetadata_root = \"root.pem\"\n").find("metadata is missing"),
            std::string::npos);
  place.write("root.pem", now.root_pem());
  place.write("blob.jwt", now.blob(1));
  EXPECT_NE(said("metadata = \"blob.jwt\"\nmetadata_root = \"root.pem\"\n").find("has no effect"), std::string::npos);
  EXPECT_EQ(said(both), "");
}

}  // namespace
}  // namespace countersign::main
