#include "usecase/subject/show.h"

#include <algorithm>

#include "contact/masking.h"
#include "store/repository/erasures.h"
#include "store/repository/factors.h"
#include "store/repository/notices.h"
#include "usecase/subject/recovery.h"
#include "usecase/subject/standing.h"

namespace countersign::usecase {

namespace {

using domain::standing::Binding;
using domain::standing::History;

/// The rows of a subject's sources, read once.
struct Rows {
  std::vector<store::ContactRow> contacts;
  std::vector<store::FactorRow> factors;
};

Rows rows_of(store::Tx& tx, const AccountId& account, const SubjectId& subject) {
  return {store::contacts_of(tx, account, subject), store::factors_of(tx, account, subject)};
}

SourceView source_view(const Work& work, const History& history, const Binding& binding, const Rows& rows,
                       WallTime at) {
  SourceView view;
  view.binding = binding;
  view.counts = domain::standing::counts(history, binding, at, at);
  if (domain::is_contact(binding.kind)) {
    for (const auto& contact : rows.contacts) {
      if (!binding.gone && contact.address_id.id == binding.source) view.contacts.push_back(contact.id);
    }
    const auto address =
        store::find_address(work.tx, work.context.vault, work.caller.account, AddressId{binding.source});
    if (address) view.masked = contact::mask_contact(address->expose());
    return view;
  }
  for (const auto& factor : rows.factors) {
    if (factor.state.id.id != binding.source) continue;
    view.name = store::open_name(work.context.vault, factor);
    if (binding.kind == domain::Kind::kRecovery) view.codes_left = recovery_set_of(work.context.vault, factor).left();
  }
  return view;
}

std::optional<WallTime> end_of_founding(const History& history, const domain::standing::Rules& rules) {
  if (history.bindings.empty()) return history.founding_until;
  const WallTime ordinary = std::ranges::min(history.bindings, {}, &Binding::bound_at).bound_at + rules.founding;
  return history.founding_until ? std::max(*history.founding_until, ordinary) : ordinary;
}

}  // namespace

Answer<History> history_of(const Work& work, const SubjectAt& subject_at) {
  const auto service = service_named(work.context, work.caller, subject_at.service);
  if (!service) return fail(service.error());
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, subject_at.identity);
  if (!subject) return refuse(Code::kNotFound);
  return load_history(work.tx, work.context, work.caller.account, *subject, (*service)->id);
}

Answer<SourceView> show_source(const Work& work, const History& history, const BindingId& id) {
  const Binding* binding = find(history, id);
  if (binding == nullptr) return refuse(Code::kNotFound);
  return source_view(work, history, *binding, rows_of(work.tx, work.caller.account, history.subject),
                     standing_now(history, work.moment.now));
}

Answer<SubjectView> show_subject(const Work& work, const SubjectAt& subject_at) {
  auto history = history_of(work, subject_at);
  if (!history) return fail(history.error());
  const WallTime at = standing_now(*history, work.moment.now);
  const auto& rules = standing_rules(work.context, work.caller.account, history->service);
  SubjectView view;
  view.id = history->subject;
  view.identity = subject_at.identity;
  view.service = work.context.settings.account(work.caller.account).service(history->service);
  view.founding = in_founding(*history, rules, at);
  if (view.founding) view.founding_until = end_of_founding(*history, rules);
  view.first_proof_at = history->first_proof_at;
  const Rows rows = rows_of(work.tx, work.caller.account, history->subject);
  for (const Binding& binding : history->bindings)
    view.sources.push_back(source_view(work, *history, binding, rows, at));
  if (const auto erasure = store::find_erasure(work.tx, work.caller.account, history->subject))
    view.erasure = erasure->state;
  view.history = *std::move(history);
  return view;
}

}  // namespace countersign::usecase
