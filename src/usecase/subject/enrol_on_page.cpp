#include "usecase/subject/enrol_on_page.h"

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
#include "usecase/audit_log.h"
#include "usecase/push/on_page.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/operation.h"
#include "usecase/subject/show.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/held.h"
#include "usecase/transaction/page_terms.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kNameMax = 64;
constexpr domain::Rate kAdditions{10, std::chrono::hours(1)};
constexpr domain::Rate kMadeOnPages{20, std::chrono::hours(1)};  // Keys and sets of codes, kept or not, of one person.

/// Shown by the app above the code: the name of the transaction's service.
const std::string& issuer_for(const Context& context, const domain::Transaction& held) {
  const auto& account = context.settings.account(held.account);
  const ServiceSettings* service = account.service(held.service);
  return (service == nullptr ? account.services.front() : *service).totp_issuer;
}

Failure<Problem> not_here() { return refuse(Code::kMethodNotAllowed, "it cannot be added in this transaction"); }

bool can_be_added(domain::Method method) {
  using enum domain::Method;
  return method == kTotp || method == kWebauthn || method == kPush || method == kRecoveryCode;
}

bool is_empty(const domain::standing::History& history) {
  return history.bindings.empty() && !history.first_proof_at && !history.founding_closed_at;
}

/// Whether it is a test service: its data says nothing about a person. [STD-12]
bool is_for_tests(store::Tx& tx, const Context& context, const AccountId& account, const ServiceId& service) {
  if (context.settings.account(account).service(service) != nullptr) return false;
  const auto found = store::find_resource(tx, context.vault, account, "service", Id{}, service.id);
  const auto* own = found ? found->content.if_contains("countersign") : nullptr;
  return own != nullptr && own->is_object() && own->get_object().contains("test_code");
}

/// Whether the same identity ever had a source at another service of the account. [STD-1]
bool is_known_elsewhere(store::Tx& tx, const Context& context, const domain::Transaction& held) {
  return std::ranges::any_of(services_to_change(tx, context, held.account, held.subject), [&](const ServiceId& other) {
    return other != held.service && !is_for_tests(tx, context, held.account, other) &&
           !is_empty(load_history(tx, context, held.account, held.subject, other));
  });
}

/// Only sources that count on their own can add others. [STD-4] Nothing if there are too few.
std::optional<domain::Policy> policy_to_add(store::Tx& tx, const Context& context, const Changer& who,
                                            const domain::standing::History& history, domain::Method method,
                                            WallTime now) {
  const auto* passkeys = passkeys_of(context, who.account, who.service);
  // Its ceremony is the hosted page's.
  if (method == domain::Method::kWebauthn && (passkeys == nullptr || !passkeys->on_page)) return std::nullopt;
  if (method == domain::Method::kPush && !has_push_on_pages(context, who.account, who.service)) return std::nullopt;
  if (!has_room_for_factor(context, store::factors_of(tx, who.account, who.subject), who.service, now))
    return std::nullopt;
  auto policy = policy_by_established(tx, context, who, history, now);
  if (policy) policy->enrol = {method};
  return policy;
}

/// Why nobody can add that there, whatever the person has.
std::optional<Problem> addition_fault(const Work& work, const Changer& who, domain::Method method) {
  if (method == domain::Method::kWebauthn) {
    const auto* passkeys = passkeys_of(work.context, who.account, who.service);
    if (passkeys == nullptr) return Problem{Code::kChannelUnavailable, "passkeys are not configured for this service"};
    if (!passkeys->on_page)
      return Problem{Code::kChannelUnavailable,
                     "the hosted page may not ask for passkeys: public_url is not among the service's origins"};
  }
  if (method == domain::Method::kPush && !has_push_on_pages(work.context, who.account, who.service))
    return Problem{Code::kChannelUnavailable, "the service enrols no devices on the hosted pages"};
  if (!has_room_for_factor(work.context, store::factors_of(work.tx, who.account, who.subject), who.service,
                           work.moment.now))
    return Problem{Code::kTooManyFactors, "the subject has 100 factors at this service"};
  return std::nullopt;
}

/// `from`: the transaction on whose page it began; empty: the application began it.
Answer<Addition> begin_for(const Work& work, const Changer& who, const domain::standing::History& history,
                           domain::Policy policy, const AdditionPage& page, const std::string& from) {
  const std::string counter = "add source " + std::string(who.subject.bytes());
  if (!store::count_in_counter(work.tx, who.account, counter, kAdditions, work.moment.now)) {
    note_limit(work.tx, work.context, who.account, "additions");
    return fail(Problem{Code::kRateLimited, "sources were to be added too often", "", kAdditions.per});
  }
  const SecretString secret(to_base64url(work.moment.random.bytes(32)));
  OperationTerms terms{who.account,       who.service, who.subject, page.locale, domain::Purpose::kAddSource,
                       std::move(policy), {},          page.back,   {}};
  terms.shown.title = domain::addition_title(page.locale, domain::kind_of(page.method));
  const auto row = new_operation(work.context, terms, secret, standing_now(history, work.moment.now), work.moment);
  store::insert_transaction(work.tx, row);
  Facts facts;
  facts.text("adds", domain::to_text(page.method));
  if (!from.empty()) facts.text("from", from);
  record(work, "source.addition_begun", row.state, facts);
  return Addition{row.state.id, secret};
}

Answer<Done> count_made(const Work& work, const domain::Transaction& held) {
  const std::string counter = "make source " + std::string(held.subject.bytes());
  if (store::count_in_counter(work.tx, held.account, counter, kMadeOnPages, work.moment.now)) return Done{};
  note_limit(work.tx, work.context, held.account, "additions");
  return fail(Problem{Code::kRateLimited, "sources were made too often", "", kMadeOnPages.per});
}

bool in_time(const domain::standing::Rules& rules, const domain::Transaction& operation, WallTime now) {
  return std::ranges::all_of(operation.proofs,
                             [&](const domain::Proof& proof) { return now - proof.proven_at < rules.operation; });
}

}  // namespace

domain::Method added_by(const domain::Transaction& operation) {
  using enum domain::Method;
  for (const domain::Method other : {kRecoveryCode, kWebauthn, kPush}) {
    if (operation.policy.enrol.contains(other)) return other;
  }
  return kTotp;  // Also one of an earlier version, which names nothing.
}

EnrolHere may_enrol_here(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                         const domain::standing::History& history, WallTime now) {
  const auto& held = row.state;
  const ServiceSettings* service = context.settings.account(held.account).service(held.service);
  if (service == nullptr) return EnrolHere::kNo;
  const auto status = domain::status_at(held, now);
  if (held.purpose == domain::Purpose::kAddSource) {
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
                                                 const domain::standing::History& history, domain::Method method,
                                                 WallTime now) {
  const auto& held = row.state;
  const auto status = domain::status_at(held, now);
  const bool of_methods = held.purpose == domain::Purpose::kShowMethods;  // That page offers all of them.
  if (of_methods && status != domain::TransactionStatus::kHeld) return std::nullopt;
  if (!of_methods && held.purpose != domain::Purpose::kRelease) return std::nullopt;
  if (!can_be_added(method) || (!of_methods && !held.policy.enrol.contains(method))) return std::nullopt;
  using enum domain::TransactionStatus;
  if (status != kHeld && status != kVerified && status != kReleased) return std::nullopt;
  return policy_to_add(tx, context, {held.account, held.service, held.subject}, history, method, now);
}

Answer<Addition> begin_addition(const Work& work, const store::TransactionRow& from, const AdditionPage& page) {
  const auto& held = from.state;
  const auto history = load_history(work.tx, work.context, held.account, held.subject, held.service);
  auto policy = policy_of_addition(work.tx, work.context, from, history, page.method, work.moment.now);
  if (!policy) return not_here();
  return begin_for(work, {held.account, held.service, held.subject}, history, *std::move(policy), page, held.id.text());
}

Answer<AskedToAdd> ask_person_to_add(const Work& work, const SubjectAt& subject, const AdditionPage& page) {
  if (!can_be_added(page.method)) return refuse_field("method", "must be webauthn, totp, push or recovery_code");
  if (auto fault = page_terms_fault(page.back, page.locale)) return fail(*std::move(fault));
  const auto service = service_named(work.context, work.caller, subject.service);
  if (!service) return fail(service.error());
  if (!page.back.empty() && !domain::may_return_to((*service)->return_urls, page.back))
    return refuse_field("return_url", "is none of those that the service allows");
  const auto history = history_of(work, subject);
  if (!history) return fail(history.error());
  const Changer who{work.caller.account, history->service, history->subject};
  if (auto fault = addition_fault(work, who, page.method)) return fail(*std::move(fault));
  auto policy = policy_to_add(work.tx, work.context, who, *history, page.method, work.moment.now);
  if (!policy) return refuse(Code::kSourceDoesNotCount, "too few sources that count can be asked");
  AdditionPage read = page;
  if (read.locale.empty()) read.locale = locale_of(work.tx, work.caller, history->subject, **service);
  const auto begun = begin_for(work, who, *history, *std::move(policy), read, "");
  if (!begun) return fail(begun.error());
  return AskedToAdd{
      begun->id,
      fmt::format("{}/verify/{}.{}", work.context.settings.public_url, begun->id.text(), begun->secret.expose()),
      work.moment.now + standing_rules(work.context, work.caller.account, history->service).operation};
}

Answer<Enrolment> enrol_here(const Work& work, const store::TransactionRow& row) {
  const auto& held = row.state;
  const auto history = load_history(work.tx, work.context, held.account, held.subject, held.service);
  const auto how = may_enrol_here(work.tx, work.context, row, history, work.moment.now);
  const bool adds_another = how == EnrolHere::kInOperation && added_by(held) != domain::Method::kTotp;
  if (how == EnrolHere::kNo || adds_another) return not_here();
  if (auto counted = count_made(work, held); !counted) return fail(counted.error());
  EnrolRequest request;
  request.identity = store::subject_identity(work.tx, work.context.vault, held.account, held.subject);
  request.issuer = issuer_for(work.context, held);
  request.service = held.service;
  return enrol_totp(work, request);
}

Answer<NewCodes> make_codes_here(const Work& work, const store::TransactionRow& row) {
  const auto& held = row.state;
  const auto history = load_history(work.tx, work.context, held.account, held.subject, held.service);
  const auto how = may_enrol_here(work.tx, work.context, row, history, work.moment.now);
  if (how != EnrolHere::kInOperation || added_by(held) != domain::Method::kRecoveryCode) return not_here();
  if (auto counted = count_made(work, held); !counted) return fail(counted.error());
  return make_recovery_codes(
      work, {store::subject_identity(work.tx, work.context.vault, held.account, held.subject), "", held.service});
}

Answer<Enrolment> show_enrolment(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                 const FactorId& id, WallTime now) {
  const auto& held = row.state;
  const auto factor = store::find_factor(tx, held.account, held.subject, id);
  if (!factor || factor->state.type != domain::Method::kTotp ||
      factor->state.status != domain::FactorStatus::kUnconfirmed || now >= factor->state.confirm_by)
    return refuse(Code::kNotFound);
  const SecretString secret = store::open_secret(context.vault, *factor);
  const std::string identity = store::subject_identity(tx, context.vault, held.account, held.subject);
  const std::string label = account_label(tx, context, *factor, identity);
  return Enrolment{id, SecretString(crypto::otpauth_uri(issuer_for(context, held), label, secret, factor->totp)),
                   SecretString(to_base32(secret.expose())), factor->state.confirm_by, label};
}

namespace {

/// Confirms with `confirm`, names the factor, and ends the operation.
Answer<FactorView> confirm_with(const Work& work, store::TransactionRow row, const FactorId& id, std::string_view name,
                                FunctionRef<Answer<FactorView>(const std::string&, const ConfirmTerms&)> confirm) {
  auto& held = row.state;
  if (!domain::is_showable(name, kNameMax)) return refuse_field("name", "must be plain text of at most 64 characters");
  const auto history = load_history(work.tx, work.context, held.account, held.subject, held.service);
  const auto how = may_enrol_here(work.tx, work.context, row, history, work.moment.now);
  if (how == EnrolHere::kNo) return not_here();
  const auto factor = store::find_factor(work.tx, held.account, held.subject, id);
  if (!factor || service_of_factor(work.context, *factor) != held.service) return refuse(Code::kNotFound);
  const domain::Method adds = how == EnrolHere::kInOperation ? added_by(held) : domain::Method::kTotp;
  if (factor->state.type != adds) return refuse(Code::kNotFound);
  ConfirmTerms terms{BindFactor::kByLink};
  std::optional<domain::Transaction> completed;
  if (how == EnrolHere::kInOperation) {  // The operation adds one source.
    terms = {BindFactor::kAdded, held.proofs};
    terms.operation = held.id;
    auto ended = domain::completed_without_release(held, work.moment.now);
    if (!ended) return fail(usecase::problem_of(ended.error()));
    completed = *std::move(ended);
  }
  const std::string identity = store::subject_identity(work.tx, work.context.vault, held.account, held.subject);
  auto confirmed = confirm(identity, terms);
  if (!confirmed) return confirmed;
  if (!name.empty()) {
    store::rename_factor(work.tx, work.context.vault, held.account, id, name, work.moment.random);
    confirmed->name = name;
  }
  if (completed) {
    held = *std::move(completed);
    store::save_transaction(work.tx, row);
  }
  return confirmed;
}

}  // namespace

Answer<FactorView> confirm_here(const Work& work, store::TransactionRow row, const FactorId& id, std::string_view name,
                                const std::optional<SecretString>& code) {
  return confirm_with(work, std::move(row), id, name, [&](const std::string& identity, const ConfirmTerms& terms) {
    return confirm_factor(work, identity, id, code, terms);
  });
}

Answer<PasskeyEnrolment> enrol_passkey_here(const Work& work, const store::TransactionRow& row) {
  const auto& held = row.state;
  const auto history = load_history(work.tx, work.context, held.account, held.subject, held.service);
  const auto how = may_enrol_here(work.tx, work.context, row, history, work.moment.now);
  if (how != EnrolHere::kInOperation || added_by(held) != domain::Method::kWebauthn) return not_here();
  if (auto counted = count_made(work, held); !counted) return fail(counted.error());
  PasskeyEnrolRequest request;
  request.identity = store::subject_identity(work.tx, work.context.vault, held.account, held.subject);
  request.service = held.service;
  request.operation = held.id;
  return enrol_passkey(work, request);
}

std::optional<OfferHere> look_for_offer_here(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                             std::string_view challenge) {
  const auto& held = row.state;
  for (const auto& factor : store::factors_of(tx, held.account, held.subject)) {
    auto offer = waiting_offer(context.vault, factor);
    if (!offer || challenge.empty() || offer->operation != held.id.bytes() ||
        !equal_constant_time(offer->challenge, challenge))
      continue;
    return OfferHere{factor.state.id, {*std::move(offer), service_of_factor(context, factor)}};
  }
  return std::nullopt;
}

Answer<FactorView> confirm_passkey_here(const Work& work, store::TransactionRow row, const FactorId& id,
                                        std::string_view name, const JudgedRegistration& judged) {
  return confirm_with(work, std::move(row), id, name, [&](const std::string& identity, const ConfirmTerms& terms) {
    return confirm_passkey(work, identity, id, judged, terms);
  });
}

Answer<PushEnrolment> enrol_device_here(const Work& work, const store::TransactionRow& row) {
  const auto& held = row.state;
  const auto history = load_history(work.tx, work.context, held.account, held.subject, held.service);
  const auto how = may_enrol_here(work.tx, work.context, row, history, work.moment.now);
  if (how != EnrolHere::kInOperation || added_by(held) != domain::Method::kPush) return not_here();
  if (auto counted = count_made(work, held); !counted) return fail(counted.error());
  return enrol_push(
      work, {store::subject_identity(work.tx, work.context.vault, held.account, held.subject), "", held.service});
}

Answer<FactorView> confirm_device_here(const Work& work, store::TransactionRow row, const FactorId& id,
                                       std::string_view name, const PushAnswer& answer,
                                       const Answer<store::PushSubscription>& judged) {
  return confirm_with(work, std::move(row), id, name, [&](const std::string& identity, const ConfirmTerms& terms) {
    return confirm_push(work, identity, id, answer, judged, terms);
  });
}

}  // namespace countersign::usecase
