#include "webauthn/ceremony_steps.h"

#include "base/encoding.h"
#include "base/secret.h"
#include "crypto/digest.h"

namespace countersign::webauthn::steps {

namespace {

Check refuse_unless(bool good, Refusal refusal) { return good ? Check() : Check(refusal); }

}  // namespace

Check check_type(const ClientData& client_data, std::string_view type) {
  return refuse_unless(client_data.type == type, Refusal::kWrongType);
}

Check check_challenge(const ClientData& client_data, std::string_view challenge) {
  // As texts: another spelling of the same bytes is another challenge.
  return refuse_unless(equal_constant_time(client_data.challenge, to_base64url(challenge)), Refusal::kWrongChallenge);
}

Check check_origin(const ClientData& client_data, const RelyingParty& party) {
  return refuse_unless(contains(party.origins, client_data.origin), Refusal::kWrongOrigin);
}

Check check_cross_origin(const ClientData& client_data, const RelyingParty& party) {
  return refuse_unless(!client_data.cross_origin || party.cross_origin_allowed, Refusal::kCrossOriginNotAllowed);
}

Check check_top_origin(const ClientData& client_data, const RelyingParty& party) {
  if (!client_data.top_origin) return std::nullopt;
  if (!party.cross_origin_allowed) return Refusal::kCrossOriginNotAllowed;
  return refuse_unless(contains(party.top_origins, *client_data.top_origin), Refusal::kWrongTopOrigin);
}

Check check_rp_id_hash(const AuthenticatorData& data, std::string_view rp_id) {
  return refuse_unless(data.rp_id_hash == crypto::sha256(rp_id), Refusal::kWrongRpId);
}

Check check_user_verified(const AuthenticatorData& data, UserVerification wanted) {
  return refuse_unless(wanted != UserVerification::kRequired || data.flags.user_verified, Refusal::kUserNotVerified);
}

Check check_backup_bits(const AuthenticatorData& data) {
  return refuse_unless(data.flags.backup_eligible || !data.flags.backed_up, Refusal::kBackedUpWithoutEligibility);
}

}  // namespace countersign::webauthn::steps
