#include "usecase/show_subject.h"

#include <algorithm>

#include "contact/masking.h"
#include "store/repository/erasures.h"
#include "store/repository/factors.h"
#include "store/repository/notices.h"
#include "usecase/standing.h"

namespace countersign::usecase {

namespace {

using domain::standing::Binding;
using domain::standing::History;

/// The rows that stand behind the sources of a subject, read once.
struct Rows {
  std::vector<store::ContactRow> contacts;
  std::vector<store::FactorRow> factors;
};

Rows rows_of(store::Tx& tx, const AccountId& account, const SubjectId& subject) {
  return {store::contacts_of(tx, account, subject), store::factors_of(tx, account, subject)};
}

SourceView source_view(store::Tx& tx, const Context& context, const Caller& caller, const History& history,
                       const Binding& binding, const Rows& rows, WallTime now) {
  SourceView view;
  view.binding = binding;
  view.counts = domain::standing::counts(history, binding, now, now);
  if (domain::is_contact(binding.kind)) {
    for (const auto& contact : rows.contacts) {
      if (!binding.gone && contact.address_id.id == binding.source) view.contacts.push_back(contact.id);
    }
    const auto address = store::find_address(tx, context.vault, caller.account, AddressId{binding.source});
    if (address) view.masked = contact::mask_contact(address->expose());
    return view;
  }
  for (const auto& factor : rows.factors) {
    if (factor.state.id.id == binding.source) view.name = store::open_name(context.vault, factor);
  }
  return view;
}

std::optional<WallTime> end_of_founding(const History& history, const domain::standing::Rules& rules) {
  if (history.bindings.empty()) return history.founding_until;
  const WallTime ordinary = std::ranges::min(history.bindings, {}, &Binding::bound_at).bound_at + rules.founding;
  return history.founding_until ? std::max(*history.founding_until, ordinary) : ordinary;
}

}  // namespace

Answer<History> history_of(store::Tx& tx, const Context& context, const Caller& caller, const SubjectAt& subject_at) {
  const auto service = service_named(context, caller, subject_at.service);
  if (!service) return fail(service.error());
  const auto subject = store::find_subject(tx, context.vault, caller.account, subject_at.identity);
  if (!subject) return refuse(Code::kNotFound);
  return load_history(tx, context, caller.account, *subject, (*service)->id);
}

Answer<SourceView> show_source(store::Tx& tx, const Context& context, const Caller& caller, const History& history,
                               const BindingId& id, WallTime now) {
  const Binding* binding = find(history, id);
  if (binding == nullptr) return refuse(Code::kNotFound);
  return source_view(tx, context, caller, history, *binding, rows_of(tx, caller.account, history.subject),
                     standing_now(history, now));
}

Answer<SubjectView> show_subject(store::Tx& tx, const Context& context, const Caller& caller,
                                 const SubjectAt& subject_at, WallTime now) {
  auto history = history_of(tx, context, caller, subject_at);
  if (!history) return fail(history.error());
  const WallTime at = standing_now(*history, now);
  const auto& rules = standing_rules(context, caller.account, history->service);
  SubjectView view;
  view.id = history->subject;
  view.identity = subject_at.identity;
  view.service = context.settings.account(caller.account).service(history->service);
  view.founding = in_founding(*history, rules, at);
  if (view.founding) view.founding_until = end_of_founding(*history, rules);
  view.first_proof_at = history->first_proof_at;
  const Rows rows = rows_of(tx, caller.account, history->subject);
  for (const Binding& binding : history->bindings)
    view.sources.push_back(source_view(tx, context, caller, *history, binding, rows, at));
  if (const auto erasure = store::find_erasure(tx, caller.account, history->subject))
    view.erasure = ErasureView{erasure->asked_at, erasure->acts_at, erasure->stopped_at, erasure->erased_at};
  view.history = *std::move(history);
  return view;
}

}  // namespace countersign::usecase
