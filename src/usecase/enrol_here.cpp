#include "usecase/enrol_here.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "crypto/otpauth_uri.h"
#include "domain/display.h"
#include "domain/message.h"
#include "store/repository/counters.h"
#include "store/repository/resources.h"
#include "store/repository/subjects.h"
#include "usecase/journal.h"
#include "usecase/standing.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kNameMax = 64;
constexpr domain::Rate kAdditions{10, std::chrono::hours(1)};

/// What the app shows above the code: the name of the service that the transaction is of.
const std::string& issuer_for(const Context& context, const domain::Transaction& held) {
  const auto& account = context.settings.account(held.account);
  const ServiceSettings* service = account.service(held.service);
  return (service == nullptr ? account.services.front() : *service).totp_issuer;
}

Failure<Problem> not_here() {
  return refuse(Code::kMethodNotAllowed, "an authenticator app cannot be added in this transaction");
}

bool is_empty(const domain::standing::History& history) {
  return history.bindings.empty() && !history.first_proof_at && !history.founding_closed_at;
}

/// With test credentials alone nothing is known of a person. [STD-12]
bool is_for_tests(store::Tx& tx, const Context& context, const AccountId& account, const ServiceId& service) {
  if (context.settings.account(account).service(service) != nullptr) return false;
  const auto found = store::find_resource(tx, context.vault, account, "service", Id{}, service.id);
  const auto* own = found ? found->content.if_contains("countersign") : nullptr;
  return own != nullptr && own->is_object() && own->get_object().contains("test_code");
}

/// Whether another service of the account was ever given anything for the same identity. [STD-1]
bool is_known_elsewhere(store::Tx& tx, const Context& context, const domain::Transaction& held) {
  return std::ranges::any_of(services_to_change(tx, context, held.account, held.subject), [&](const ServiceId& other) {
    return other != held.service && !is_for_tests(tx, context, held.account, other) &&
           !is_empty(load_history(tx, context, held.account, held.subject, other));
  });
}

bool in_time(const domain::standing::Rules& rules, const domain::Transaction& operation, WallTime now) {
  return std::ranges::all_of(operation.proofs,
                             [&](const domain::Proof& proof) { return now - proof.proven_at < rules.operation; });
}

/// By which methods sources that count as their own can be asked: those alone add others. [STD-4]
domain::MethodSet ways_to_add(store::Tx& tx, const store::TransactionRow& row, const ServiceSettings& service,
                              const domain::standing::History& history, WallTime now) {
  domain::MethodSet methods;
  const auto& held = row.state;
  const auto is_own = [&](const Id& source) { return domain::standing::counts(history, source, now, now).own(); };
  for (const auto& contact : store::contacts_of(tx, held.account, held.subject)) {
    if (service.road(contact.channel) != nullptr && is_own(contact.address_id.id))
      methods.add(domain::method_of(contact.channel));
  }
  for (const auto& factor : store::factors_of(tx, held.account, held.subject)) {
    if (factor.state.status == domain::FactorStatus::kActive && is_own(factor.state.id.id))
      methods.add(factor.state.type);
  }
  return methods;
}

store::TransactionRow operation_of(const Context& context, const store::TransactionRow& from, domain::Policy policy,
                                   const AdditionPage& page, const SecretString& secret, WallTime held_at,
                                   Moment& moment) {
  store::TransactionRow row;
  row.state.id = TransactionId::make(moment);
  row.state.account = from.state.account;
  row.state.service = from.state.service;
  row.state.subject = from.state.subject;
  row.state.policy = std::move(policy);
  row.state.created_at = held_at;
  row.state.expires_at = moment.now + standing_rules(context, row.state.account, row.state.service).operation;
  row.type = store::kAddSource;
  row.locale = page.locale;
  row.return_url_sealed = store::seal_return_url(context.vault, row.state.id, page.back, moment.random);
  domain::Display shown;
  shown.title = domain::add_app_title(page.locale);
  const std::string display = canonical_json(domain::to_json(shown));
  row.display_sealed = store::seal_display(context.vault, row.state.id, display, moment.random);
  row.display_hash = crypto::sha256(display);
  row.payload_hash = crypto::sha256("");
  row.binding_hash = crypto::sha256(std::string("countersign operation 1\n")
                                        .append(row.state.account.bytes())
                                        .append(row.state.id.bytes())
                                        .append(row.display_hash));
  row.token_digest = context.vault.digester().token_digest("verify_url", secret.expose());
  return row;
}

}  // namespace

EnrolHere may_enrol_here(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                         const domain::standing::History& history, WallTime now) {
  const auto& held = row.state;
  const ServiceSettings* service = context.settings.account(held.account).service(held.service);
  if (service == nullptr) return EnrolHere::kNo;
  const auto status = domain::status_at(held, now);
  if (row.type == store::kAddSource) {
    const bool approved = status == domain::TransactionStatus::kVerified && in_time(service->standing, held, now);
    return approved ? EnrolHere::kInOperation : EnrolHere::kNo;
  }
  const bool by_link = status == domain::TransactionStatus::kHeld && held.policy.trust_on_first_use &&
                       held.policy.enrol.contains(domain::Method::kTotp) && is_empty(history) &&
                       !is_known_elsewhere(tx, context, held);
  return by_link ? EnrolHere::kByLink : EnrolHere::kNo;
}

std::optional<domain::Policy> policy_of_addition(store::Tx& tx, const Context& context,
                                                 const store::TransactionRow& row,
                                                 const domain::standing::History& history, WallTime now) {
  const auto& held = row.state;
  const ServiceSettings* service = context.settings.account(held.account).service(held.service);
  if (service == nullptr || store::is_internal(row.type)) return std::nullopt;
  if (!held.policy.enrol.contains(domain::Method::kTotp)) return std::nullopt;
  const auto status = domain::status_at(held, now);
  using enum domain::TransactionStatus;
  if (status != kHeld && status != kVerified && status != kReleased) return std::nullopt;
  domain::Policy policy;
  const WallTime at = standing_now(history, now);
  policy.any_of = ways_to_add(tx, row, *service, history, at);
  policy.min_kinds = domain::standing::kinds_to_add(history, service->standing, at);
  if (domain::policy_fault(policy)) return std::nullopt;
  return policy;
}

Answer<Addition> begin_addition(store::Tx& tx, const Context& context, const Caller& caller,
                                const store::TransactionRow& from, const AdditionPage& page, Moment& moment) {
  const auto& held = from.state;
  const auto history = load_history(tx, context, held.account, held.subject, held.service);
  auto policy = policy_of_addition(tx, context, from, history, moment.now);
  if (!policy) return not_here();
  const std::string counter = "add source " + std::string(held.subject.bytes());
  if (!store::count_in_counter(tx, held.account, counter, kAdditions, moment.now))
    return fail(Problem{Code::kRateLimited, "sources were to be added too often", "", kAdditions.per});
  const SecretString secret(to_base64url(moment.random.bytes(32)));
  const auto row =
      operation_of(context, from, *std::move(policy), page, secret, standing_now(history, moment.now), moment);
  store::insert_transaction(tx, row);
  record(tx, context, caller, "source.addition_begun", row.state, Facts().text("from", held.id.text()), moment);
  return Addition{row.state.id, secret};
}

Answer<Enrolment> enrol_here(store::Tx& tx, const Context& context, const Caller& caller,
                             const store::TransactionRow& row, Moment& moment) {
  const auto& held = row.state;
  const auto history = load_history(tx, context, held.account, held.subject, held.service);
  if (may_enrol_here(tx, context, row, history, moment.now) == EnrolHere::kNo) return not_here();
  EnrolRequest request;
  request.identity = store::subject_identity(tx, context.vault, held.account, held.subject);
  request.issuer = issuer_for(context, held);
  request.service = held.service;
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

Answer<FactorView> confirm_here(store::Tx& tx, const Context& context, const Caller& caller, store::TransactionRow row,
                                const FactorId& id, std::string_view name, const SecretString& code, Moment& moment) {
  auto& held = row.state;
  if (!domain::is_showable(name, kNameMax)) return refuse_field("name", "must be plain text of at most 64 characters");
  const auto history = load_history(tx, context, held.account, held.subject, held.service);
  const auto how = may_enrol_here(tx, context, row, history, moment.now);
  if (how == EnrolHere::kNo) return not_here();
  const auto factor = store::find_factor(tx, held.account, held.subject, id);
  if (!factor || service_of_factor(context, *factor) != held.service) return refuse(Code::kNotFound);
  ConfirmTerms terms{BindFactor::kByLink};
  if (how == EnrolHere::kInOperation) terms = {BindFactor::kAdded, held.proofs};
  const std::string identity = store::subject_identity(tx, context.vault, held.account, held.subject);
  auto confirmed = confirm_factor(tx, context, caller, identity, id, code, moment, terms);
  if (!confirmed) return confirmed;
  if (!name.empty()) {
    store::rename_factor(tx, context.vault, held.account, id, name, moment.random);
    confirmed->name = name;
  }
  if (how == EnrolHere::kInOperation) {  // It adds one.
    held.status = domain::TransactionStatus::kReleased;
    held.claimable_until.reset();
    held.ended_at = moment.now;
    store::save_transaction(tx, row);
  }
  return confirmed;
}

}  // namespace countersign::usecase
