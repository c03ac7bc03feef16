#include "usecase/subject/operation.h"

#include "crypto/digest.h"
#include "domain/display.h"
#include "store/repository/factors.h"
#include "store/repository/subjects.h"
#include "usecase/passkey/enrol.h"
#include "usecase/push/device.h"
#include "usecase/subject/standing.h"

namespace countersign::usecase {

store::TransactionRow new_operation(const Context& context, const OperationTerms& terms, const SecretString& secret,
                                    WallTime held_at, Moment& moment) {
  store::TransactionRow row;
  row.state.id = TransactionId::make(moment);
  row.state.account = terms.account;
  row.state.service = terms.service;
  row.state.subject = terms.subject;
  row.state.purpose = terms.purpose;
  row.state.policy = terms.policy;
  row.state.created_at = held_at;
  row.state.expires_at = moment.now + standing_rules(context, terms.account, terms.service).operation;
  row.locale = terms.locale;
  if (!terms.back.empty())
    row.return_url_sealed = store::seal_return_url(context.vault, row.state.id, terms.back, moment.random);
  if (!terms.metadata.empty())
    row.metadata_sealed = store::seal_metadata(context.vault, row.state.id, terms.metadata, moment.random);
  const std::string display = canonical_json(domain::to_json(terms.shown));
  row.display_sealed = store::seal_display(context.vault, row.state.id, display, moment.random);
  row.display_hash = crypto::sha256(display);
  row.payload_hash = crypto::sha256("");
  // As of a hold (hold.cpp), with another first line and without a payload: account, transaction, display hash.
  row.binding_hash = crypto::sha256(std::string("countersign operation 1\n")
                                        .append(row.state.account.bytes())
                                        .append(row.state.id.bytes())
                                        .append(row.display_hash));
  row.token_digest = context.vault.digester().token_digest("verify_url", secret.expose());
  return row;
}

namespace {

std::optional<domain::Policy> policy_asking(store::Tx& tx, const Context& context, const Changer& who,
                                            const domain::standing::History& history, AskPasskeys passkeys,
                                            WallTime now) {
  const ServiceSettings* service = context.settings.account(who.account).service(who.service);
  if (service == nullptr) return std::nullopt;
  const WallTime at = standing_now(history, now);
  domain::Policy policy;
  policy.any_of = askable(tx, context, who, *service, passkeys,
                          [&](const Id& source) { return domain::standing::counts(history, source, at, at).own(); });
  policy.min_kinds = domain::standing::kinds_to_add(history, service->standing, at);
  // What is added counts like what added it, of which only the method is kept. So a key that was found, whose PIN is
  // not known, adds nothing.
  policy.user_verification = true;
  if (domain::policy_fault(policy)) return std::nullopt;
  return policy;
}

/// Whether the page can ask for that passkey.
bool is_askable(const Context& context, const ServiceSettings& service, const store::FactorRow& factor,
                AskPasskeys passkeys) {
  if (!service.passkeys || !service.passkeys->on_page) return false;
  const auto record = passkey_record_of(context.vault, factor);
  return record && record->rp_id == service.passkeys->party.id &&
         (record->user_verified || passkeys == AskPasskeys::kAny);
}

/// The page asks devices by Web Push, and no phones with the mobile SDKs. [ADR 50]
bool is_asked_on_page(const Context& context, const Changer& who, const store::FactorRow& factor) {
  if (push_of(context, who.account, who.service) == nullptr) return false;
  const auto device = push_device_of(context.vault, factor);
  return device && device->subscription;
}

}  // namespace

std::optional<domain::Policy> policy_by_established(store::Tx& tx, const Context& context, const Changer& who,
                                                    const domain::standing::History& history, WallTime now) {
  return policy_asking(tx, context, who, history, AskPasskeys::kVerifying, now);
}

bool lacks_verification(store::Tx& tx, const Context& context, const Changer& who,
                        const domain::standing::History& history, WallTime now) {
  return !policy_by_established(tx, context, who, history, now) &&
         policy_asking(tx, context, who, history, AskPasskeys::kAny, now);
}

domain::MethodSet askable(store::Tx& tx, const Context& context, const Changer& who, const ServiceSettings& service,
                          AskPasskeys passkeys, FunctionRef<bool(const Id&)> may) {
  domain::MethodSet methods;
  for (const auto& contact : store::contacts_of(tx, who.account, who.subject)) {
    if (service.provider_for(contact.channel) != nullptr && may(contact.address_id.id))
      methods.add(domain::method_of(contact.channel));
  }
  for (const auto& factor : store::factors_of(tx, who.account, who.subject)) {
    if (factor.state.status != domain::FactorStatus::kActive || !may(factor.state.id.id)) continue;
    if (factor.state.type == domain::Method::kPush && !is_asked_on_page(context, who, factor)) continue;
    if (factor.state.type == domain::Method::kWebauthn && !is_askable(context, service, factor, passkeys)) continue;
    methods.add(factor.state.type);
  }
  return methods;
}

}  // namespace countersign::usecase
