#include "usecase/verification/code_terms.h"

namespace countersign::usecase {

domain::VerificationRules rules_of(const domain::Limits& limits, const ServiceSettings& service) {
  return {limits.attempts_max, limits.sends_max, service.code_ttl};
}

// digest of a code := code digest "verification" (crypto/digest.cpp), bound to
//    account         16 bytes
//    verification    16 bytes
//    binding hash    32 bytes    of the transaction: hold.cpp
std::string digest_of(const store::Vault& vault, const store::TransactionRow& held, const VerificationId& verification,
                      std::string_view code) {
  return vault.digester().code_digest("verification",
                                      {held.state.account.bytes(), verification.bytes(), held.binding_hash}, code);
}

}  // namespace countersign::usecase
