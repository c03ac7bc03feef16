#include "usecase/subject/enrol.h"

#include <algorithm>

#include "base/encoding.h"
#include "contact/masking.h"
#include "crypto/otpauth_uri.h"
#include "domain/display.h"
#include "domain/standing/notices.h"
#include "store/repository/transactions.h"
#include "usecase/audit_log.h"
#include "usecase/passkey/enrol.h"
#include "usecase/push/device.h"
#include "usecase/risk/trust.h"
#include "usecase/subject/contacts.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/recovery.h"
#include "usecase/subject/standing.h"
#include "usecase/verification/check_totp.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kFactorsMax = 100;  // Per service; also Twilio's limit for TOTP factors of one entity.

/// What the person's app is given.
Enrolment enrolment_of(const Work& work, const EnrolRequest& request, const store::FactorRow& row,
                       const SecretString& secret) {
  const auto& account = work.context.settings.account(work.caller.account);
  const ServiceSettings* service = account.service(service_of_factor(work.context, row));
  const auto& own_issuer = (service == nullptr ? account.services.front() : *service).totp_issuer;
  const auto& issuer = request.issuer.empty() ? own_issuer : request.issuer;
  const std::string label = request.account_label.empty() ? account_label(work.tx, work.context, row, request.identity)
                                                          : request.account_label;
  return {row.state.id, SecretString(crypto::otpauth_uri(issuer, label, secret, row.totp)),
          SecretString(to_base32(secret.expose())), row.state.confirm_by, label};
}

/// The set of recovery codes that a new one replaces: the newest living one at the service. [STD-10]
std::optional<Id> replaced_set(const domain::standing::History& history) {
  std::optional<Id> newest;
  for (const auto& binding : history.bindings) {
    if (binding.kind == domain::Kind::kRecovery && !binding.gone && !binding.shared) newest = binding.source;
  }
  return newest;
}

domain::standing::Changed bind_factor(const Work& work, const domain::standing::History& history,
                                      const store::FactorRow& factor, const ConfirmTerms& terms, WallTime at) {
  namespace standing = domain::standing;
  const auto& rules = standing_rules(work.context, work.caller.account, history.service);
  const Id source = factor.state.id.id;
  standing::Offer offer{BindingId::make(work.moment), source, domain::kind_of(factor.state.type), std::nullopt};
  const bool is_bound = standing::own_living(history, source) != nullptr;
  if (offer.kind == domain::Kind::kRecovery && !is_bound) offer.replaces = replaced_set(history);
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

NewSource new_source(const domain::standing::History& history, const store::FactorRow& factor,
                     const ConfirmTerms& terms) {
  NewSource source{history.service, factor.state.subject, factor.state.type};
  if (terms.as == BindFactor::kAdded) source.by = NewSource::By::kPerson;
  if (terms.as == BindFactor::kVouched) source.by = NewSource::By::kSupport;
  source.operation = terms.operation;
  return source;
}

/// What shows that the person has the new factor: an app's code; of recovery codes, that she says so. Confirming is all
/// that she can do with them, for to use one would use it up.
Answer<store::FactorRow> judge_first_answer(const Work& work, store::FactorRow factor,
                                            const std::optional<SecretString>& code, std::int64_t skew) {
  if (factor.state.type == domain::Method::kTotp) {
    if (!code) return refuse_field("code", "is required");
    return judge_totp(work, std::move(factor), domain::FactorStatus::kUnconfirmed, *code, skew);
  }
  if (factor.state.type != domain::Method::kRecoveryCode) return refuse(Code::kFactorUnusable, "it is of another type");
  if (code) return refuse_field("code", "must be left out: recovery codes are confirmed without using one");
  const auto refused = domain::why_not_checkable(factor.state, domain::FactorStatus::kUnconfirmed, work.moment.now);
  if (refused) return fail(not_checkable(*refused, work.moment.now));
  factor.secret_sealed.reset();
  return factor;
}

/// Only if it is not removed.
std::optional<store::FactorRow> living_factor(const Work& work, std::string_view identity, const FactorId& id) {
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, identity);
  auto factor = subject ? store::find_factor(work.tx, work.caller.account, *subject, id) : std::nullopt;
  if (!factor || factor->state.status == domain::FactorStatus::kRemoved) return std::nullopt;
  return factor;
}

}  // namespace

FactorView factor_view(const store::Vault& vault, const store::FactorRow& row) {
  FactorView view{row.state.id,         row.state.type,        row.state.status, store::open_name(vault, row),
                  row.state.created_at, row.state.confirmed_at};
  if (const auto record = passkey_record_of(vault, row))
    view.passkey = {!record->backup_eligible, record->backed_up, record->user_verified, record->aaguid,
                    record->transports};
  if (const auto device = push_device_of(vault, row)) view.subscribed = device->subscription.has_value();
  if (row.state.type == domain::Method::kRecoveryCode) view.codes_left = recovery_set_of(vault, row).left();
  return view;
}

std::string_view factor_type(domain::Method type) {
  return type == domain::Method::kRecoveryCode ? "recovery_codes" : domain::to_text(type);
}

bool has_room_for_factor(const Context& context, const std::vector<store::FactorRow>& known, const ServiceId& service,
                         WallTime now) {
  const auto in_use = std::ranges::count_if(known, [&](const store::FactorRow& f) {
    if (service_of_factor(context, f) != service) return false;  // The limit counts per service. [STD-12]
    const bool pending = f.state.status == domain::FactorStatus::kUnconfirmed && now < f.state.confirm_by;
    return pending || f.state.status == domain::FactorStatus::kActive ||
           f.state.status == domain::FactorStatus::kSuspended;
  });
  return static_cast<std::size_t>(in_use) < kFactorsMax;
}

Answer<store::FactorRow> new_factor(const Work& work, const NewFactor& made) {
  if (auto fault = identity_fault(made.identity)) return fail(*std::move(fault));
  if (!domain::is_showable(made.name, 64)) return refuse_field("name", "must be plain text of at most 64 characters");
  const SubjectId subject =
      store::ensure_subject(work.tx, work.context.vault, work.caller.account, made.identity, work.moment);
  const auto known = store::factors_of(work.tx, work.caller.account, subject);
  for (const auto& row : known) {
    const bool waits = row.state.status == domain::FactorStatus::kUnconfirmed;
    const bool is_ceremony = row.state.type == domain::Method::kWebauthn || row.state.type == domain::Method::kPush;
    if (waits && is_ceremony && row.state.confirm_by <= work.moment.now) store::delete_unbound_factor(work.tx, row);
  }
  const auto& account = work.context.settings.account(work.caller.account);
  const ServiceId service = made.service.value_or(account.services.front().id);
  if (!has_room_for_factor(work.context, known, service, work.moment.now))
    return refuse(Code::kTooManyFactors, "the subject has 100 factors at this service");
  store::FactorRow row;
  row.state.id = FactorId::make(work.moment);
  row.state.account = work.caller.account;
  row.state.subject = subject;
  row.state.type = made.type;
  row.state.created_at = work.moment.now;
  row.state.confirm_by = work.moment.now + work.context.settings.factor_confirm_within;
  row.name_sealed = store::seal_name(work.context.vault, row.state.id, made.name, work.moment.random);
  row.service = service;
  return row;
}

void record_enrolled(const Work& work, const store::FactorRow& row) {
  record(work, "factor.enrolled", row.state.subject,
         Facts().text("factor", row.state.id.text()).text("type", factor_type(row.state.type)));
}

Answer<Enrolment> enrol_totp(const Work& work, const EnrolRequest& request) {
  if (!domain::is_showable(request.account_label, 64))
    return refuse_field("label", "must be plain text of at most 64 characters");
  if (!request.totp.valid()) return refuse_field("totp", "digits must be 6 to 8 and period 1 to 120 seconds");
  auto row = new_factor(work, {request.identity, request.name, request.service, domain::Method::kTotp});
  if (!row) return fail(row.error());
  const SecretString secret =
      request.secret ? *request.secret : crypto::new_otp_secret(request.totp.algorithm, work.moment.random);
  row->totp = request.totp;
  row->secret_sealed = store::seal_secret(work.context.vault, row->state.id, secret.expose(), work.moment.random);
  store::insert_factor(work.tx, *row);
  record_enrolled(work, *row);
  return enrolment_of(work, request, *row, secret);
}

std::optional<Enrolment> waiting_enrolment(const Work& work, const EnrolRequest& request, const FactorId& id) {
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, request.identity);
  const auto row = subject ? store::find_factor(work.tx, work.caller.account, *subject, id) : std::nullopt;
  const bool waits =
      row && row->state.status == domain::FactorStatus::kUnconfirmed && work.moment.now < row->state.confirm_by;
  if (!waits) return std::nullopt;
  return enrolment_of(work, request, *row, store::open_secret(work.context.vault, *row));
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
    // A phone number's last digits say more than a mailbox's first letter.
    if (!best || (!contact::uses_phone(best->channel) && contact::uses_phone(contact.channel))) best = contact;
  }
  return best ? contact::mask_contact(store::open_address(context.vault, *best).expose()) : std::string(identity);
}

ServiceId service_of_factor(const Context& context, const store::FactorRow& factor) {
  return factor.service.value_or(context.settings.account(factor.state.account).services.front().id);
}

Answer<store::FactorRow> factor_to_confirm(const Work& work, std::string_view identity, const FactorId& id,
                                           const ConfirmTerms& terms) {
  if (terms.as == BindFactor::kVouched && !work.caller.may_vouch)
    return refuse(Code::kMayNotVouch, "use an API key with the scope vouch");
  auto factor = living_factor(work, identity, id);
  if (!factor) return refuse(Code::kNotFound);
  return *std::move(factor);
}

Answer<FactorView> confirm_factor(const Work& work, std::string_view identity, const FactorId& id,
                                  const std::optional<SecretString>& code, const ConfirmTerms& terms) {
  auto factor = factor_to_confirm(work, identity, id, terms);
  if (!factor) return fail(factor.error());
  if (factor->state.status == domain::FactorStatus::kActive)
    return refuse(Code::kFactorUnusable, "the factor is confirmed already");
  auto judged = judge_first_answer(work, *std::move(factor), code, terms.skew);
  if (!judged) return fail(judged.error());
  return bind_confirmed(work, *std::move(judged), terms);
}

Answer<FactorView> bind_confirmed(const Work& work, store::FactorRow factor, const ConfirmTerms& terms) {
  const SubjectId subject = factor.state.subject;
  auto history =
      load_history(work.tx, work.context, work.caller.account, subject, service_of_factor(work.context, factor));
  const WallTime at = binding_time(work, history, std::nullopt);
  auto change = bind_factor(work, history, factor, terms, at);
  if (!change) return fail(problem_of(change.error()));
  auto confirmed = domain::confirmed(factor.state, at);
  if (!confirmed) return refuse(Code::kFactorUnusable, "the factor is confirmed already");
  if (auto judged = judge_enrolment(work, history, new_source(history, factor, terms)); !judged)
    return fail(judged.error());
  factor.state = *std::move(confirmed);
  store::save_factor(work.tx, factor);
  record(work, "factor.confirmed", subject,
         Facts().text("factor", factor.state.id.text()).text("type", factor_type(factor.state.type)));
  settle(work, history, *std::move(change));
  return factor_view(work.context.vault, factor);
}

std::vector<FactorView> list_factors(const Work& work, std::string_view identity) {
  std::vector<FactorView> views;
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, identity);
  if (!subject) return views;
  for (const auto& row : store::factors_of(work.tx, work.caller.account, *subject)) {
    if (row.state.status != domain::FactorStatus::kRemoved) views.push_back(factor_view(work.context.vault, row));
  }
  return views;
}

Answer<Done> remove_factor(const Work& work, std::string_view identity, const FactorId& id,
                           domain::standing::GoneWhy why) {
  auto factor = living_factor(work, identity, id);
  if (!factor) return refuse(Code::kNotFound);
  const SubjectId subject = factor->state.subject;
  // Before the row changes: without a history yet, it is derived from the rows.
  for (const auto& service : services_to_change(work.tx, work.context, work.caller.account, subject)) {
    auto history = load_history(work.tx, work.context, work.caller.account, subject, service);
    const WallTime at = binding_time(work, history, std::nullopt);
    auto ended =
        domain::standing::end(history, id.id, why, standing_rules(work.context, work.caller.account, service), at);
    if (ended) settle(work, history, *std::move(ended));
  }
  auto removed = domain::removed(std::move(factor->state),
                                 store::time_after_holds(work.tx, work.caller.account, subject, work.moment.now));
  if (!removed) return refuse(Code::kNotFound);
  const bool was_bound = factor->state.confirmed_at.has_value();
  factor->state = *std::move(removed);
  // What never proved anything is forgotten: otherwise enrolments, begun and given up, would grow without bound.
  if (was_bound) store::save_factor(work.tx, *factor);
  if (!was_bound) store::delete_unbound_factor(work.tx, *factor);
  record(work, "factor.removed", subject,
         Facts()
             .text("factor", id.text())
             .text("type", factor_type(factor->state.type))
             .text("reason", domain::standing::to_text(why)));
  return Done{};
}

Answer<FactorView> vouch_for_factor(const Work& work, std::string_view identity, const FactorId& id) {
  if (!work.caller.may_vouch) return refuse(Code::kMayNotVouch, "use an API key with the scope vouch");
  auto factor = living_factor(work, identity, id);
  if (!factor) return refuse(Code::kNotFound);
  if (factor->state.status == domain::FactorStatus::kUnconfirmed)
    return refuse(Code::kFactorUnusable, "the factor is not confirmed; vouch with its confirmation");
  const SubjectId subject = factor->state.subject;
  auto history =
      load_history(work.tx, work.context, work.caller.account, subject, service_of_factor(work.context, *factor));
  const WallTime at = binding_time(work, history, std::nullopt);
  auto change = bind_factor(work, history, *factor, {BindFactor::kVouched}, at);
  if (!change) return fail(problem_of(change.error()));
  const bool slept = factor->state.failures.disabled;
  if (slept) {
    const BindingId woken = binding_of(change->history, id.id)->id;
    change->history = domain::standing::woken(std::move(change->history), woken, at);
  }
  settle(work, history, *std::move(change));
  if (factor->state.failures == domain::Failures{}) return factor_view(work.context.vault, *factor);
  record(work, "factor.woken", subject,
         Facts().text("factor", id.text()).number("failures", factor->state.failures.consecutive));
  factor->state = domain::woken(std::move(factor->state));
  store::save_factor(work.tx, *factor);
  if (slept) tell_of_waking(work, history, *binding_of(history, id.id));
  return factor_view(work.context.vault, *factor);
}

Answer<Done> suspect_factor(const Work& work, std::string_view identity, const FactorId& id) {
  const auto factor = living_factor(work, identity, id);
  if (!factor) return refuse(Code::kNotFound);
  suspect_source(work, factor->state.subject, id.id);
  return Done{};
}

}  // namespace countersign::usecase
