#include "webauthn/trust.h"

#include <gtest/gtest.h>

#include "certificate_maker.h"

namespace countersign::webauthn {
namespace {

using std::chrono::hours;
using testing::CertificateForm;
using testing::Issuer;
using testing::kInDate;
using testing::MadeKey;
using testing::make_authority;
using testing::make_certificate;

constexpr std::string_view kTrusted = "trusted";
constexpr std::string_view kUntrusted = "attestation_untrusted";
constexpr std::string_view kExpired = "attestation_expired";

Certificate read(const Issuer& issuer) { return Certificate::parse(issuer.der).value(); }

/// A root, an intermediate authority, and forms of leaves under it.
class Trust : public ::testing::Test {
 protected:
  [[nodiscard]] Issuer leaf(const CertificateForm& form = {}) const {
    return make_certificate(form, MadeKey::p256(), &intermediate_);
  }
  [[nodiscard]] static std::string judge(const std::vector<Issuer>& chain, const std::vector<Issuer>& anchors,
                                         WallTime at = kInDate) {
    std::vector<Certificate> path;
    for (const Issuer& issuer : chain) path.push_back(read(issuer));
    std::vector<Certificate> roots;
    for (const Issuer& issuer : anchors) roots.push_back(read(issuer));
    const auto result = check_trust_path(path, roots, at);
    return result ? "trusted" : std::string(refusal_word(result.error()));
  }

  Issuer root_ = make_authority("Root");
  Issuer intermediate_ = make_authority("Intermediate", &root_);
};

TEST_F(Trust, FollowsThePathToARoot) {
  EXPECT_EQ(kTrusted, judge({leaf(), intermediate_}, {root_}));
  EXPECT_EQ(kTrusted, judge({leaf(), intermediate_, root_}, {root_})) << "the root may be sent, too";
  EXPECT_EQ(kTrusted, judge({leaf(), root_, intermediate_}, {make_authority("Other"), root_})) << "in any order";
  EXPECT_EQ(kTrusted, judge({make_certificate({}, MadeKey::p256(), &root_)}, {root_}));
}

TEST_F(Trust, EndsAtAnyAnchor) {
  EXPECT_EQ(kTrusted, judge({leaf()}, {intermediate_})) << "an intermediate authority";
  const Issuer one = leaf();
  EXPECT_EQ(kTrusted, judge({one}, {one})) << "the attestation certificate itself";
  EXPECT_EQ(kTrusted, judge({one, intermediate_}, {one})) << "also where it came with its issuer";
  const Issuer self_signed = make_certificate({}, MadeKey::p256());
  EXPECT_EQ(kTrusted, judge({self_signed}, {self_signed}));
}

TEST_F(Trust, NeedsAnAnchor) {
  EXPECT_EQ(kUntrusted, judge({leaf(), intermediate_}, {}));
  EXPECT_EQ(kUntrusted, judge({}, {root_}));
  EXPECT_EQ(kUntrusted, judge({leaf(), intermediate_, root_}, {make_authority("Other")}));
  EXPECT_EQ(kUntrusted, judge({leaf(), intermediate_, root_}, {make_authority("Root")}))
      << "another root of the same name";
  EXPECT_EQ(kUntrusted, judge({leaf()}, {root_})) << "without the certificate between";
  EXPECT_EQ(kUntrusted, judge({make_certificate({}, MadeKey::p256())}, {root_})) << "self-signed";
}

TEST_F(Trust, BelievesNoOtherSignature) {
  Issuer forged = leaf();
  forged.der.back() = static_cast<char>(forged.der.back() ^ 1);
  EXPECT_EQ(kUntrusted, judge({forged, intermediate_}, {root_}));
}

TEST_F(Trust, LooksAtDates) {
  const Issuer one = leaf({.not_before = kInDate, .not_after = kInDate + hours(1)});
  EXPECT_EQ(kExpired, judge({one, intermediate_}, {root_}, kInDate - std::chrono::seconds(1)));
  EXPECT_EQ(kTrusted, judge({one, intermediate_}, {root_}, kInDate));
  EXPECT_EQ(kTrusted, judge({one, intermediate_}, {root_}, kInDate + hours(1) - std::chrono::seconds(1)));
  EXPECT_EQ(kExpired, judge({one, intermediate_}, {root_}, kInDate + hours(1) + std::chrono::seconds(1)));
  EXPECT_EQ(kExpired, judge({one}, {one}, kInDate + hours(2))) << "also of a certificate that is itself an anchor";
}

TEST_F(Trust, LooksAtDatesOfTheWholePath) {
  const Issuer old = make_certificate({.subject = {{"2.5.4.3", "Old"}},
                                       .extensions = {testing::basic_constraints(true)},
                                       .not_after = kInDate - hours(1)},
                                      MadeKey::p256(), &root_);
  EXPECT_EQ(kExpired, judge({make_certificate({}, MadeKey::p256(), &old), old}, {root_}));
}

TEST_F(Trust, LetsOnlyAuthoritiesIssue) {
  const Issuer none = leaf({.subject = {{"2.5.4.3", "None"}}, .extensions = {testing::basic_constraints(false)}});
  EXPECT_EQ(kUntrusted, judge({make_certificate({}, MadeKey::p256(), &none), none, intermediate_}, {root_}));
  const Issuer silent = leaf({.subject = {{"2.5.4.3", "Silent"}}});
  EXPECT_EQ(kUntrusted, judge({make_certificate({}, MadeKey::p256(), &silent), silent, intermediate_}, {root_}))
      << "without basic constraints";
  const Issuer last = make_certificate(
      {.subject = {{"2.5.4.3", "Last"}}, .extensions = {testing::basic_constraints(true, 0)}}, MadeKey::p256(), &root_);
  const Issuer beyond = make_authority("Beyond", &last);
  EXPECT_EQ(kUntrusted, judge({make_certificate({}, MadeKey::p256(), &beyond), beyond, last}, {root_}))
      << "path length 0";
  EXPECT_EQ(kTrusted, judge({make_certificate({}, MadeKey::p256(), &last), last}, {root_}));
}

TEST_F(Trust, RefusesWeakSignaturesAndKeys) {
  EXPECT_EQ(kUntrusted, judge({leaf({.digest = "SHA1"}), intermediate_}, {root_}));
  const Issuer weak{make_certificate({}, MadeKey::weak_rsa(), &intermediate_)};
  EXPECT_EQ(kUntrusted, judge({weak, intermediate_}, {root_}));
  EXPECT_EQ(kTrusted, judge({make_certificate({}, MadeKey::rsa(), &intermediate_), intermediate_}, {root_}));
}

TEST_F(Trust, UnderstandsEveryCriticalExtension) {
  EXPECT_EQ(kUntrusted,
            judge({leaf({.extensions = {{"1.2.3.4", true, testing::der_octets("?")}}}), intermediate_}, {root_}));
  EXPECT_EQ(kTrusted,
            judge({leaf({.extensions = {{"1.2.3.4", false, testing::der_octets("?")}}}), intermediate_}, {root_}));
}

TEST_F(Trust, HasAnEnd) {
  std::vector<Issuer> path{root_};
  for (int at = 0; at < 7; ++at) path.insert(path.begin(), make_authority("Link " + std::to_string(at), &path.front()));
  EXPECT_EQ(kUntrusted, judge(path, {root_}));
}

}  // namespace
}  // namespace countersign::webauthn
