#include "usecase/subject/change_on_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/check.h"
#include "base/encoding.h"
#include "base/names.h"
#include "domain/change_title.h"
#include "domain/display.h"
#include "domain/standing/notices.h"
#include "store/repository/counters.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/operation.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "webauthn/aaguid.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;

constexpr domain::Rate kChanges{20, std::chrono::hours(1)};
constexpr std::size_t kGivenNameMax = 20;  // As where an app is added: it fits its card.
constexpr std::array<std::string_view, 3> kChangeNames{"rename", "remove", "keep"};

std::string change_json(const ChangeAsked& asked) {
  return canonical_json(json::object{{"binding", asked.binding.text()},
                                     {"change", kChangeNames.at(static_cast<std::size_t>(asked.change))},
                                     {"name", asked.name}});
}

/// A factor of the person, with the binding that the page names.
struct OwnFactor {
  const standing::Binding* binding;
  store::FactorRow row;
};
std::optional<OwnFactor> factor_of(store::Tx& tx, const AccountId& account, const standing::History& history,
                                   const BindingId& id) {
  const auto* binding = find(history, id);
  if (binding == nullptr || binding->gone || binding->shared || domain::is_contact(binding->kind)) return std::nullopt;
  auto row = store::find_factor(tx, account, history.subject, FactorId{binding->source});
  const bool living = row && (row->state.status == domain::FactorStatus::kActive ||
                              row->state.status == domain::FactorStatus::kSuspended);
  return living ? std::optional(OwnFactor{binding, *std::move(row)}) : std::nullopt;
}

/// Blanks at the ends and case make no other name.
std::string plain_name(std::string_view name) {
  while (name.starts_with(' ')) name.remove_prefix(1);
  while (name.ends_with(' ')) name.remove_suffix(1);
  return std::string(name);
}

std::optional<Problem> name_fault(const Work& work, const OwnFactor& factor, const std::string& name) {
  if (name.empty() || !domain::is_showable(name, kGivenNameMax))
    return Problem{Code::kInvalidField, "must be plain text of 1 to 20 characters", "name"};
  for (const auto& other : store::factors_of(work.tx, work.caller.account, factor.row.state.subject)) {
    if (other.state.id == factor.row.state.id || other.state.status == domain::FactorStatus::kRemoved) continue;
    const auto record = passkey_record_of(work.context.vault, other);
    const auto provider = record ? webauthn::authenticator_name(record->aaguid) : std::nullopt;
    const bool same = equals_ignoring_case(plain_name(store::open_name(work.context.vault, other)), name) ||
                      (provider && equals_ignoring_case(*provider, name));
    if (same) return Problem{Code::kInvalidField, "is the name of another factor", "name"};
  }
  return std::nullopt;
}

/// Whether the change is open, apart from proofs.
std::optional<Problem> change_fault(const Work& work, const standing::History& history, const OwnFactor& factor,
                                    const ChangeAsked& asked, WallTime at) {
  const auto& rules = standing_rules(work.context, work.caller.account, history.service);
  switch (asked.change) {
    case MethodChange::kRename:
      if (factor.binding->kind == domain::Kind::kRecovery) return Problem{Code::kNotFound};
      return name_fault(work, factor, asked.name);
    case MethodChange::kRemove:
      if (const auto why = standing::may_not_leave(history, *factor.binding, rules, at)) return problem_of(*why);
      return std::nullopt;
    case MethodChange::kKeep:
      if (!factor.binding->leaving) return problem_of(standing::Refused::kNotStopped);
      return std::nullopt;
  }
  return std::nullopt;
}

/// What the page and the messages show of it. The provider of a passkey is shown beside the name that was given, which
/// proves nothing.
domain::Display display_of(const Work& work, const OwnFactor& factor, const ChangeAsked& asked,
                           std::string_view locale) {
  const auto& vault = work.context.vault;
  const auto words = domain::change_words(locale);
  domain::Display shown;
  shown.title = domain::change_title(locale, factor.binding->kind, static_cast<int>(asked.change));
  const std::string name = store::open_name(vault, factor.row);
  const auto record = passkey_record_of(vault, factor.row);
  const auto provider = record ? webauthn::authenticator_name(record->aaguid) : std::nullopt;
  if (asked.change == MethodChange::kRename)
    shown.lines.push_back({std::string(words.name), asked.name, name});
  else if (!name.empty())
    shown.lines.push_back({std::string(words.name), name});
  if (provider) shown.lines.push_back({std::string(words.provider), std::string(*provider)});
  shown.lines.push_back({std::string(words.added), domain::written_day(locale, factor.binding->bound_at)});
  return shown;
}

/// Whether it was carried out.
bool carry_out(const Work& work, standing::History& history, const ChangeAsked& asked,
               const std::vector<domain::Proof>& proofs) {
  const WallTime at = standing_now(history, work.moment.now);
  const auto factor = factor_of(work.tx, work.caller.account, history, asked.binding);
  if (!factor || change_fault(work, history, *factor, asked, at)) return false;
  const auto& rules = standing_rules(work.context, work.caller.account, history.service);
  if (standing::may_not_change(history, proofs, rules, at)) return false;
  const FactorId id = factor->row.state.id;
  if (asked.change == MethodChange::kRename) {
    store::rename_factor(work.tx, work.context.vault, work.caller.account, id, asked.name, work.moment.random);
    record(work, "factor.renamed", history.subject,
           Facts().text("factor", id.text()).text("type", factor_type(factor->row.state.type)));
    standing::Change change;
    change.history = standing::renamed(history, asked.binding, at);
    settle(work, history, std::move(change));
    tell_of_renaming(work, history, *standing::find(history, asked.binding));
    return true;
  }
  if (asked.change == MethodChange::kRemove) {
    auto change = standing::ask_to_leave(history, asked.binding, BindingId::make(work.moment), proofs, rules, at);
    if (change) settle(work, history, *std::move(change));
    return change.has_value();
  }
  for (const auto& proof : proofs) {
    auto change = standing::stay(history, asked.binding, proof.source, rules, at);
    if (!change) continue;
    settle(work, history, *std::move(change));
    record(work, "source.stays", history.subject,
           Facts().text("source", asked.binding.text()).text("service", history.service.text()).text("by", "person"));
    return true;
  }
  return false;
}

}  // namespace

Answer<Addition> begin_change(const Work& work, const store::TransactionRow& from, const ChangeAsked& given,
                              const AdditionPage& page) {
  const auto& held = from.state;
  if (held.purpose != domain::Purpose::kShowMethods ||
      domain::status_at(held, work.moment.now) != domain::TransactionStatus::kHeld)
    return refuse(Code::kTransactionExpired, "the page is no longer open");
  const auto history = load_history(work.tx, work.context, held.account, held.subject, held.service);
  const WallTime at = standing_now(history, work.moment.now);
  ChangeAsked asked = given;
  asked.name = asked.change == MethodChange::kRename ? plain_name(given.name) : "";
  const auto factor = factor_of(work.tx, work.caller.account, history, asked.binding);
  if (!factor) return refuse(Code::kNotFound);
  if (auto fault = change_fault(work, history, *factor, asked, at)) return fail(*std::move(fault));
  const Changer who{held.account, held.service, held.subject};
  auto policy = policy_by_established(work.tx, work.context, who, history, work.moment.now);
  if (!policy) return refuse(Code::kSourceDoesNotCount, "too few sources that count can be asked");
  // For each page: who has only its link must not use up what the person may change on another.
  const std::string counter = "change source " + std::string(held.id.bytes());
  if (!store::count_in_counter(work.tx, held.account, counter, kChanges, work.moment.now)) {
    note_limit(work.tx, work.context, held.account, "changes");
    return fail(Problem{Code::kRateLimited, "sources were to be changed too often", "", kChanges.per});
  }
  const SecretString secret(to_base64url(work.moment.random.bytes(32)));
  OperationTerms terms;
  terms.account = held.account;
  terms.service = held.service;
  terms.subject = held.subject;
  terms.locale = page.locale;
  terms.purpose = domain::Purpose::kChangeSource;
  terms.policy = *std::move(policy);
  terms.shown = display_of(work, *factor, asked, page.locale);
  terms.back = page.back;
  terms.metadata = change_json(asked);
  const auto row = new_operation(work.context, terms, secret, at, work.moment);
  store::insert_transaction(work.tx, row);
  record(work, "source.change_begun", row.state,
         Facts()
             .text("source", asked.binding.text())
             .text("change", kChangeNames.at(static_cast<std::size_t>(asked.change)))
             .text("from", held.id.text()));
  return Addition{row.state.id, secret};
}

std::optional<ChangeAsked> change_of(const Context& context, const store::TransactionRow& operation) {
  if (operation.state.purpose != domain::Purpose::kChangeSource) return std::nullopt;
  const auto text = store::open_metadata(context.vault, operation);
  const auto parsed = text ? parse_json(text->expose()) : Result<json::value, JsonError>(nullptr);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const auto& object = parsed->get_object();
  const auto binding = BindingId::parse(json_text(object, "binding").value_or(""));
  const auto change = value_named<MethodChange>(kChangeNames, json_text(object, "change").value_or(""));
  if (!binding || !change) return std::nullopt;
  return ChangeAsked{*binding, *change, std::string(json_text(object, "name").value_or(""))};
}

void carry_out_change(const Work& work, store::TransactionRow& operation, standing::History& history) {
  auto& held = operation.state;
  const auto asked = change_of(work.context, operation);
  const bool done = asked && carry_out(work, history, *asked, held.proofs);
  const auto end = done ? domain::completed_without_release : domain::not_carried_out;
  auto ended = end(std::move(held), work.moment.now);
  CS_CHECK(ended);  // It was verified in this same unit.
  held = *std::move(ended);
  store::save_transaction(work.tx, operation);
}

}  // namespace countersign::usecase
