#include "usecase/enrol.h"

#include <algorithm>

#include "base/encoding.h"
#include "contact/masking.h"
#include "crypto/otpauth_uri.h"
#include "domain/display.h"
#include "store/repository/transactions.h"
#include "usecase/check_totp.h"
#include "usecase/contacts.h"
#include "usecase/journal.h"
#include "usecase/standing.h"
#include "usecase/tell.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kFactorsMax = 100;  // At one service; Twilio's own bound for TOTP factors of one entity.

/// What the person's app is given.
Enrolment enrolment_of(store::Tx& tx, const Context& context, const Caller& caller, const EnrolRequest& request,
                       const store::FactorRow& row, const SecretString& secret) {
  const auto& account = context.settings.account(caller.account);
  const ServiceSettings* service = account.service(service_of_factor(context, row));
  const auto& own_issuer = (service == nullptr ? account.services.front() : *service).totp_issuer;
  const auto& issuer = request.issuer.empty() ? own_issuer : request.issuer;
  const std::string label =
      request.account_label.empty() ? account_label(tx, context, row, request.identity) : request.account_label;
  return {row.state.id, SecretString(crypto::otpauth_uri(issuer, label, secret, row.totp)),
          SecretString(to_base32(secret.expose())), row.state.confirm_by, label};
}

FactorView view_of(const store::Vault& vault, const store::FactorRow& row) {
  return {row.state.id,         row.state.type,        row.state.status, store::open_name(vault, row),
          row.state.created_at, row.state.confirmed_at};
}

domain::standing::Changed bind_factor(const Context& context, const Caller& caller,
                                      const domain::standing::History& history, const store::FactorRow& factor,
                                      const ConfirmTerms& terms, WallTime at, Moment& moment) {
  namespace standing = domain::standing;
  const auto& rules = standing_rules(context, caller.account, history.service);
  const Id source = factor.state.id.id;
  const standing::Offer offer{BindingId::make(moment), source, domain::kind_of(factor.state.type), std::nullopt};
  switch (terms.as) {
    case BindFactor::kGiven:
      return standing::give(history, offer, rules, at);
    case BindFactor::kVouched:
      return standing::vouch(history, offer, rules, at);
    case BindFactor::kByLink:
      return standing::found_by_link(history, offer, rules, at);
    case BindFactor::kAdded:
      break;
  }
  std::vector<domain::Proof> proofs = terms.proofs;
  proofs.push_back({factor.state.type, source, at});
  return standing::add(history, offer, proofs, rules, at);
}

/// Not one that was removed before.
std::optional<store::FactorRow> living_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                              std::string_view identity, const FactorId& id) {
  const auto subject = store::find_subject(tx, context.vault, caller.account, identity);
  auto factor = subject ? store::find_factor(tx, caller.account, *subject, id) : std::nullopt;
  if (!factor || factor->state.status == domain::FactorStatus::kRemoved) return std::nullopt;
  return factor;
}

}  // namespace

Answer<Enrolment> enrol_totp(store::Tx& tx, const Context& context, const Caller& caller, const EnrolRequest& request,
                             Moment& moment) {
  if (auto fault = identity_fault(request.identity)) return fail(*std::move(fault));
  if (!domain::is_showable(request.name, 64))
    return refuse_field("name", "must be plain text of at most 64 characters");
  if (!domain::is_showable(request.account_label, 64))
    return refuse_field("label", "must be plain text of at most 64 characters");
  if (!request.totp.valid()) return refuse_field("totp", "digits must be 6 to 8 and period 1 to 120 seconds");
  const SubjectId subject = store::ensure_subject(tx, context.vault, caller.account, request.identity, moment);
  const auto known = store::factors_of(tx, caller.account, subject);
  const auto& account = context.settings.account(caller.account);
  const ServiceId service = request.service.value_or(account.services.front().id);
  const auto in_use = std::count_if(known.begin(), known.end(), [&](const store::FactorRow& f) {
    if (service_of_factor(context, f) != service) return false;  // One service leaves the others room. [STD-12]
    const bool pending = f.state.status == domain::FactorStatus::kUnconfirmed && moment.now < f.state.confirm_by;
    return pending || f.state.status == domain::FactorStatus::kActive ||
           f.state.status == domain::FactorStatus::kSuspended;
  });
  if (static_cast<std::size_t>(in_use) >= kFactorsMax)
    return refuse(Code::kTooManyFactors, "the subject has 100 factors at this service");

  const SecretString secret =
      request.secret ? *request.secret : crypto::new_otp_secret(request.totp.algorithm, moment.random);
  store::FactorRow row;
  row.state.id = FactorId::make(moment);
  row.state.account = caller.account;
  row.state.subject = subject;
  row.state.type = domain::Method::kTotp;
  row.state.created_at = moment.now;
  row.state.confirm_by = moment.now + context.settings.factor_confirm_within;
  row.totp = request.totp;
  row.name_sealed = store::seal_name(context.vault, row.state.id, request.name, moment.random);
  row.secret_sealed = store::seal_secret(context.vault, row.state.id, secret.expose(), moment.random);
  row.service = service;
  store::insert_factor(tx, row);
  record(tx, context, caller, "factor.enrolled", subject,
         Facts().text("factor", row.state.id.text()).text("type", "totp"), moment);
  return enrolment_of(tx, context, caller, request, row, secret);
}

std::optional<Enrolment> waiting_enrolment(store::Tx& tx, const Context& context, const Caller& caller,
                                           const EnrolRequest& request, const FactorId& id, WallTime now) {
  const auto subject = store::find_subject(tx, context.vault, caller.account, request.identity);
  const auto row = subject ? store::find_factor(tx, caller.account, *subject, id) : std::nullopt;
  const bool waits = row && row->state.status == domain::FactorStatus::kUnconfirmed && now < row->state.confirm_by;
  if (!waits) return std::nullopt;
  return enrolment_of(tx, context, caller, request, *row, store::open_secret(context.vault, *row));
}

std::string account_label(store::Tx& tx, const Context& context, const store::FactorRow& factor,
                          std::string_view identity) {
  if (identity.contains('@')) return std::string(identity);
  const auto& state = factor.state;
  const auto history = load_history(tx, context, state.account, state.subject, service_of_factor(context, factor));
  std::optional<store::ContactRow> best;
  for (auto& contact : store::contacts_of(tx, state.account, state.subject)) {
    const auto* binding = binding_of(history, contact.address_id.id);
    if (binding == nullptr || binding->gone) continue;
    // A telephone's last digits say more than a mailbox's first letter.
    if (!best || (!contact::uses_phone(best->channel) && contact::uses_phone(contact.channel))) best = contact;
  }
  return best ? contact::mask_contact(store::open_address(context.vault, *best).expose()) : std::string(identity);
}

ServiceId service_of_factor(const Context& context, const store::FactorRow& factor) {
  return factor.service.value_or(context.settings.account(factor.state.account).services.front().id);
}

Answer<FactorView> confirm_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                  std::string_view identity, const FactorId& id, const SecretString& code,
                                  Moment& moment, const ConfirmTerms& terms) {
  if (terms.as == BindFactor::kVouched && !caller.may_vouch)
    return refuse(Code::kMayNotVouch, "use an API key with the scope vouch");
  const auto subject = store::find_subject(tx, context.vault, caller.account, identity);
  auto factor = subject ? store::find_factor(tx, caller.account, *subject, id) : std::nullopt;
  if (!factor || factor->state.status == domain::FactorStatus::kRemoved) return refuse(Code::kNotFound);
  if (factor->state.status == domain::FactorStatus::kActive)
    return refuse(Code::kFactorUnusable, "the factor is confirmed already");
  auto judged =
      judge_totp(tx, context, caller, *std::move(factor), domain::FactorStatus::kUnconfirmed, code, moment, terms.skew);
  if (!judged) return fail(judged.error());
  auto history = load_history(tx, context, caller.account, *subject, service_of_factor(context, *judged));
  const WallTime at = binding_time(tx, caller.account, history, std::nullopt, moment.now);
  auto change = bind_factor(context, caller, history, *judged, terms, at, moment);
  if (!change) return fail(problem_of(change.error()));
  judged->state = domain::confirmed(judged->state, at);
  store::save_factor(tx, *judged);
  record(tx, context, caller, "factor.confirmed", *subject, Facts().text("factor", id.text()).text("type", "totp"),
         moment);
  settle(tx, context, caller, history, *std::move(change), moment);
  return view_of(context.vault, *judged);
}

std::vector<FactorView> list_factors(store::Tx& tx, const Context& context, const Caller& caller,
                                     std::string_view identity) {
  std::vector<FactorView> views;
  const auto subject = store::find_subject(tx, context.vault, caller.account, identity);
  if (!subject) return views;
  for (const auto& row : store::factors_of(tx, caller.account, *subject)) {
    if (row.state.status != domain::FactorStatus::kRemoved) views.push_back(view_of(context.vault, row));
  }
  return views;
}

Answer<Done> remove_factor(store::Tx& tx, const Context& context, const Caller& caller, std::string_view identity,
                           const FactorId& id, Moment& moment, domain::standing::GoneWhy why) {
  auto factor = living_factor(tx, context, caller, identity, id);
  if (!factor) return refuse(Code::kNotFound);
  const SubjectId subject = factor->state.subject;
  // Before the row changes: where there is no history yet, it is read from the rows.
  for (const auto& service : services_to_change(tx, context, caller.account, subject)) {
    auto history = load_history(tx, context, caller.account, subject, service);
    const WallTime at = binding_time(tx, caller.account, history, std::nullopt, moment.now);
    auto ended = domain::standing::end(history, id.id, why, standing_rules(context, caller.account, service), at);
    if (ended) settle(tx, context, caller, history, *std::move(ended), moment);
  }
  factor->state.status = domain::FactorStatus::kRemoved;
  factor->removed_at = store::time_after_holds(tx, caller.account, subject, moment.now);
  store::save_factor(tx, *factor);
  record(tx, context, caller, "factor.removed", subject,
         Facts().text("factor", id.text()).text("type", "totp").text("reason", domain::standing::to_text(why)), moment);
  return Done{};
}

Answer<FactorView> vouch_for_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                    std::string_view identity, const FactorId& id, Moment& moment) {
  if (!caller.may_vouch) return refuse(Code::kMayNotVouch, "use an API key with the scope vouch");
  auto factor = living_factor(tx, context, caller, identity, id);
  if (!factor) return refuse(Code::kNotFound);
  if (factor->state.status == domain::FactorStatus::kUnconfirmed)
    return refuse(Code::kFactorUnusable, "the factor is not confirmed; vouch with its confirmation");
  const SubjectId subject = factor->state.subject;
  auto history = load_history(tx, context, caller.account, subject, service_of_factor(context, *factor));
  const WallTime at = binding_time(tx, caller.account, history, std::nullopt, moment.now);
  auto change = bind_factor(context, caller, history, *factor, {BindFactor::kVouched}, at, moment);
  if (!change) return fail(problem_of(change.error()));
  settle(tx, context, caller, history, *std::move(change), moment);
  if (factor->state.failures == domain::Failures{}) return view_of(context.vault, *factor);
  const bool slept = factor->state.failures.disabled;
  record(tx, context, caller, "factor.woken", subject,
         Facts().text("factor", id.text()).number("failures", factor->state.failures.consecutive), moment);
  factor->state = domain::woken(std::move(factor->state));
  store::save_factor(tx, *factor);
  if (slept) tell_of_waking(tx, context, caller, history, *binding_of(history, id.id), moment);
  return view_of(context.vault, *factor);
}

Answer<Done> suspect_factor(store::Tx& tx, const Context& context, const Caller& caller, std::string_view identity,
                            const FactorId& id, Moment& moment) {
  const auto factor = living_factor(tx, context, caller, identity, id);
  if (!factor) return refuse(Code::kNotFound);
  suspect_source(tx, context, caller, factor->state.subject, id.id, moment);
  return Done{};
}

}  // namespace countersign::usecase
