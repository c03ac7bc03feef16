#include "crypto/signing_keys.h"

namespace countersign::crypto {

std::vector<PublicKey> SigningKeySet::published() const {
  std::vector<PublicKey> all{current.public_key()};
  if (next) all.push_back(next->public_key());
  all.insert(all.end(), retired.begin(), retired.end());
  return all;
}

SigningKeys::WithDocument SigningKeys::with_document(SigningKeySet keys) {
  std::string jwks = jwks_json(keys.published());
  return {std::move(keys), std::move(jwks)};
}

}  // namespace countersign::crypto
