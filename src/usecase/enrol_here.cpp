#include "usecase/enrol_here.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/otpauth_uri.h"
#include "domain/display.h"
#include "store/repository/subjects.h"
#include "usecase/established.h"

namespace countersign::usecase {

namespace {

constexpr auto kAfterProof = std::chrono::minutes(15);
constexpr std::size_t kNameMax = 64;

/// Somebody known before the hold could be asked to prove herself.
bool has_established_source(store::Tx& tx, const domain::Transaction& held, const ServiceSettings& service,
                            const std::vector<store::FactorRow>& factors) {
  const bool by_factor = std::ranges::any_of(factors, [&](const store::FactorRow& f) {
    return f.state.status == domain::FactorStatus::kActive || f.state.status == domain::FactorStatus::kSuspended;
  });
  if (by_factor) return true;
  const auto contacts = store::contacts_of(tx, held.account, held.subject);
  return std::ranges::any_of(contacts, [&](const store::ContactRow& c) {
    return service.road(c.channel) != nullptr && held.policy.any_of.contains(domain::method_of(c.channel)) &&
           is_established(held, c);
  });
}

/// What the app shows above the code: the name of the service that the transaction is of.
const std::string& issuer_for(const Context& context, const domain::Transaction& held) {
  const auto& account = context.settings.account(held.account);
  const ServiceSettings* service = account.service(held.service);
  return (service == nullptr ? account.services.front() : *service).totp_issuer;
}

Failure<Problem> not_here() {
  return refuse(Code::kMethodNotAllowed, "an authenticator app cannot be added in this transaction");
}

}  // namespace

bool has_established_proof(const domain::Transaction& held) {
  return std::ranges::any_of(held.proofs, [](const domain::Proof& p) { return p.established; });
}

bool may_enrol_here(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                    const std::vector<store::FactorRow>& factors, WallTime now) {
  const auto& held = row.state;
  if (!held.policy.enrol.contains(domain::Method::kTotp)) return false;
  const ServiceSettings* service = context.settings.account(held.account).service(held.service);
  if (service == nullptr) return false;
  switch (domain::status_at(held, now)) {
    case domain::TransactionStatus::kHeld:
      return has_established_proof(held) || !has_established_source(tx, held, *service, factors);
    case domain::TransactionStatus::kVerified:
    case domain::TransactionStatus::kReleased:
      return has_established_proof(held) && held.verified_at && now < *held.verified_at + kAfterProof;
    case domain::TransactionStatus::kDenied:
    case domain::TransactionStatus::kExpired:
    case domain::TransactionStatus::kCanceled:
      return false;
  }
  return false;
}

bool first_use_counts(const domain::Transaction& held, const std::vector<store::FactorRow>& factors) {
  return held.policy.any_of.contains(domain::Method::kTotp) && held.policy.trust_on_first_use &&
         !had_another_factor(held, FactorId{}, factors);
}

Answer<Enrolment> enrol_here(store::Tx& tx, const Context& context, const Caller& caller,
                             const store::TransactionRow& row, Moment& moment) {
  const auto factors = store::factors_of(tx, row.state.account, row.state.subject);
  if (!may_enrol_here(tx, context, row, factors, moment.now)) return not_here();
  EnrolRequest request;
  request.identity = store::subject_identity(tx, context.vault, row.state.account, row.state.subject);
  request.issuer = issuer_for(context, row.state);
  return enrol_totp(tx, context, caller, request, moment);
}

Answer<Enrolment> show_enrolment(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                 const FactorId& id, WallTime now) {
  const auto& held = row.state;
  const auto factor = store::find_factor(tx, held.account, held.subject, id);
  if (!factor || factor->state.status != domain::FactorStatus::kUnconfirmed || now >= factor->state.confirm_by)
    return refuse(Code::kNotFound);
  const SecretString secret = store::open_secret(context.vault, *factor);
  const std::string label = store::subject_identity(tx, context.vault, held.account, held.subject);
  return Enrolment{id, SecretString(crypto::otpauth_uri(issuer_for(context, held), label, secret, factor->totp)),
                   SecretString(to_base32(secret.expose())), factor->state.confirm_by};
}

Answer<FactorView> confirm_here(store::Tx& tx, const Context& context, const Caller& caller,
                                const store::TransactionRow& row, const FactorId& id, std::string_view name,
                                const SecretString& code, Moment& moment) {
  const auto& held = row.state;
  if (!domain::is_showable(name, kNameMax)) return refuse_field("name", "must be plain text of at most 64 characters");
  const auto factors = store::factors_of(tx, held.account, held.subject);
  if (!may_enrol_here(tx, context, row, factors, moment.now)) return not_here();
  const std::string identity = store::subject_identity(tx, context.vault, held.account, held.subject);
  auto confirmed = confirm_factor(tx, context, caller, identity, id, code, moment);
  if (confirmed && !name.empty()) {
    store::rename_factor(tx, context.vault, held.account, id, name, moment.random);
    confirmed->name = name;
  }
  return confirmed;
}

}  // namespace countersign::usecase
