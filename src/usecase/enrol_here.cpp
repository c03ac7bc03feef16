#include "usecase/enrol_here.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "crypto/otpauth_uri.h"
#include "domain/display.h"
#include "domain/message.h"
#include "domain/return_url.h"
#include "store/repository/counters.h"
#include "store/repository/resources.h"
#include "store/repository/subjects.h"
#include "usecase/journal.h"
#include "usecase/operation.h"
#include "usecase/page_terms.h"
#include "usecase/show_subject.h"
#include "usecase/standing.h"
#include "usecase/tally.h"
#include "usecase/tell.h"

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

/// Who adds an app, and where.
struct Adder {
  AccountId account;
  ServiceId service;
  SubjectId subject;
};

/// Sources that count as their own: those alone add others. [STD-4] Nothing where they are too few.
std::optional<domain::Policy> policy_to_add(store::Tx& tx, const Context& context, const Adder& who,
                                            const domain::standing::History& history, WallTime now) {
  const ServiceSettings* service = context.settings.account(who.account).service(who.service);
  if (service == nullptr) return std::nullopt;
  const WallTime at = standing_now(history, now);
  domain::Policy policy;
  policy.any_of = askable(tx, who.account, who.subject, *service,
                          [&](const Id& source) { return domain::standing::counts(history, source, at, at).own(); });
  policy.min_kinds = domain::standing::kinds_to_add(history, service->standing, at);
  if (domain::policy_fault(policy)) return std::nullopt;
  return policy;
}

/// `from`: the transaction on whose page it was begun; empty: by the application.
Answer<Addition> begin_for(store::Tx& tx, const Context& context, const Caller& caller, const Adder& who,
                           const domain::standing::History& history, domain::Policy policy, const AdditionPage& page,
                           const std::string& from, Moment& moment) {
  const std::string counter = "add source " + std::string(who.subject.bytes());
  if (!store::count_in_counter(tx, who.account, counter, kAdditions, moment.now)) {
    note_limit(tx, context, who.account, "additions");
    return fail(Problem{Code::kRateLimited, "sources were to be added too often", "", kAdditions.per});
  }
  const SecretString secret(to_base64url(moment.random.bytes(32)));
  OperationTerms terms{who.account,       who.service, who.subject, page.locale, store::kAddSource,
                       std::move(policy), {},          page.back,   {}};
  terms.shown.title = domain::add_app_title(page.locale);
  const auto row = new_operation(context, terms, secret, standing_now(history, moment.now), moment);
  store::insert_transaction(tx, row);
  Facts facts;
  if (!from.empty()) facts.text("from", from);
  record(tx, context, caller, "source.addition_begun", row.state, facts, moment);
  return Addition{row.state.id, secret};
}

bool in_time(const domain::standing::Rules& rules, const domain::Transaction& operation, WallTime now) {
  return std::ranges::all_of(operation.proofs,
                             [&](const domain::Proof& proof) { return now - proof.proven_at < rules.operation; });
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
  if (store::is_internal(row.type)) return std::nullopt;
  if (!held.policy.enrol.contains(domain::Method::kTotp)) return std::nullopt;
  const auto status = domain::status_at(held, now);
  using enum domain::TransactionStatus;
  if (status != kHeld && status != kVerified && status != kReleased) return std::nullopt;
  return policy_to_add(tx, context, {held.account, held.service, held.subject}, history, now);
}

Answer<Addition> begin_addition(store::Tx& tx, const Context& context, const Caller& caller,
                                const store::TransactionRow& from, const AdditionPage& page, Moment& moment) {
  const auto& held = from.state;
  const auto history = load_history(tx, context, held.account, held.subject, held.service);
  auto policy = policy_of_addition(tx, context, from, history, moment.now);
  if (!policy) return not_here();
  return begin_for(tx, context, caller, {held.account, held.service, held.subject}, history, *std::move(policy), page,
                   held.id.text(), moment);
}

Answer<AskedToAdd> ask_person_to_add(store::Tx& tx, const Context& context, const Caller& caller,
                                     const SubjectAt& subject, const AdditionPage& page, Moment& moment) {
  if (auto fault = page_terms_fault(page.back, page.locale)) return fail(*std::move(fault));
  const auto service = service_named(context, caller, subject.service);
  if (!service) return fail(service.error());
  if (!page.back.empty() && !domain::may_return_to((*service)->return_urls, page.back))
    return refuse_field("return_url", "is none of those that the service allows");
  const auto history = history_of(tx, context, caller, subject);
  if (!history) return fail(history.error());
  const Adder who{caller.account, history->service, history->subject};
  auto policy = policy_to_add(tx, context, who, *history, moment.now);
  if (!policy) return refuse(Code::kSourceDoesNotCount, "too few sources that count can be asked");
  AdditionPage read = page;
  if (read.locale.empty()) read.locale = locale_of(tx, caller, history->subject, **service);
  const auto begun = begin_for(tx, context, caller, who, *history, *std::move(policy), read, "", moment);
  if (!begun) return fail(begun.error());
  return AskedToAdd{
      begun->id, fmt::format("{}/verify/{}.{}", context.settings.public_url, begun->id.text(), begun->secret.expose()),
      moment.now + standing_rules(context, caller.account, history->service).operation};
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
  const std::string identity = store::subject_identity(tx, context.vault, held.account, held.subject);
  const std::string label = account_label(tx, context, *factor, identity);
  return Enrolment{id, SecretString(crypto::otpauth_uri(issuer_for(context, held), label, secret, factor->totp)),
                   SecretString(to_base32(secret.expose())), factor->state.confirm_by, label};
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
