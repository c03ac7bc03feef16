#include "crypto/hub_signature.h"

#include "base/encoding.h"
#include "base/secret.h"
#include "crypto/hmac.h"

namespace countersign::crypto {

std::string hub_signature(std::string_view app_secret, std::string_view body) {
  return "sha256=" + to_hex(hmac(Hash::kSha256, app_secret, body));
}

bool hub_signature_valid(std::string_view app_secret, std::string_view body, std::string_view signature) {
  return equal_constant_time(hub_signature(app_secret, body), signature);
}

}  // namespace countersign::crypto
