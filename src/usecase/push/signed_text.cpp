#include "usecase/push/signed_text.h"

#include "base/encoding.h"
#include "crypto/p256.h"

namespace countersign::usecase {

namespace {

std::string subscription_lines(const store::PushSubscription& to) {
  return to.endpoint + '\n' + to_base64url(to.point) + '\n' + to_base64url(to.auth);
}

}  // namespace

std::string enrolment_text(std::string_view challenge, const store::PushSubscription& to) {
  return "Countersign push enrolment 1\n" + to_base64url(challenge) + '\n' + subscription_lines(to);
}

std::string subscription_text(const FactorId& factor, std::int64_t signed_at, const store::PushSubscription& to) {
  return "Countersign push subscription 1\n" + factor.text() + '\n' + std::to_string(signed_at) + '\n' +
         subscription_lines(to);
}

std::string approval_text(std::string_view challenge, std::string_view number) {
  return "Countersign push approval 1\n" + to_base64url(challenge) + '\n' + std::string(number);
}

std::string denial_text(std::string_view challenge) { return "Countersign push denial 1\n" + to_base64url(challenge); }

bool is_signed(std::string_view public_key, std::string_view text, std::string_view signature) {
  const auto key = crypto::es256_key_of_point(public_key);
  return key && key->verify(text, signature);
}

}  // namespace countersign::usecase
