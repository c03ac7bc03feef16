#include "usecase/subject/standing.h"

#include <algorithm>
#include <utility>

#include "domain/standing/due.h"
#include "store/repository/erasures.h"
#include "store/repository/factors.h"
#include "store/repository/resources.h"
#include "store/repository/standings.h"
#include "usecase/audit_log.h"
#include "usecase/subject/change_events.h"
#include "usecase/subject/enrol.h"
#include "usecase/subject/known_before.h"
#include "usecase/transaction/cancel.h"

namespace countersign::usecase {

namespace {

using domain::standing::Binding;
using domain::standing::Change;
using domain::standing::Counted;
using domain::standing::Counts;
using domain::standing::History;
using domain::standing::JudgedProof;
using domain::standing::Judgement;
using domain::standing::Offer;
using domain::standing::Refused;
using domain::standing::Rules;
using domain::standing::terms_of;

constexpr int kVoidMax = 500;

std::vector<OldContact> old_contacts(store::Tx& tx, const AccountId& account, const SubjectId& subject) {
  std::vector<OldContact> old;
  for (const auto& row : store::contacts_of(tx, account, subject)) {
    if (!row.service) old.push_back({row.address_id.id, kind_of(row), row.known_since, row.proved_at});
  }
  return old;
}

/// A factor made by the Verify-compatible API belongs to the service it was made for. [STD-12]
bool is_of_another_service(store::Tx& tx, const Context& context, const store::FactorRow& factor,
                           const ServiceId& service) {
  const auto stored = store::find_resource(tx, context.vault, factor.state.account, "factor", factor.state.subject.id,
                                           factor.state.id.id);
  const auto made_for = stored ? json_text(stored->content, "service") : std::nullopt;
  return made_for && *made_for != service.text();
}

std::vector<OldFactor> old_factors(store::Tx& tx, const Context& context, const AccountId& account,
                                   const SubjectId& subject, const ServiceId& service) {
  std::vector<OldFactor> old;
  for (const auto& row : store::factors_of(tx, account, subject)) {
    if (row.service || !row.state.confirmed_at || is_of_another_service(tx, context, row, service)) continue;
    old.push_back({row.state.id.id, *row.state.confirmed_at, row.state.removed_at});
  }
  return old;
}

/// A source of the service counts less than before.
bool lost_something(const History& before, const History& after) {
  return std::ranges::any_of(before.bindings, [&](const Binding& was) {
    const Binding* is = find(after, was.id);
    return is != nullptr && (is->gone != was.gone || is->stopped != was.stopped || is->kept_at != was.kept_at ||
                             is->waits_anew_since != was.waits_anew_since);
  });
}

void write_history(store::Tx& tx, const Context& context, const AccountId& account, const History& history,
                   WallTime now) {
  const auto& rules = standing_rules(context, account, history.service);
  const bool has_shared = std::ranges::any_of(history.bindings, [](const Binding& b) { return b.shared.has_value(); });
  store::save_history(tx, account, has_shared ? without_shared(history) : history, next_due(history, rules, now));
}

/// The sources that count less than before.
std::vector<Id> lost_sources(const History& before, const History& after) {
  std::vector<Id> lost;
  for (const Binding& was : before.bindings) {
    const Binding* is = find(after, was.id);
    if (is != nullptr && (is->gone != was.gone || is->waits_anew_since != was.waits_anew_since))
      lost.push_back(was.source);
  }
  return lost;
}

/// What a service shares counts less: elsewhere it voids what it proved, and what it added waits anew. False if it
/// shares nothing. [STD-8, STD-12]
bool let_others_lose(const Work& work, const SubjectId& subject, const ServiceId& owner,
                     const std::vector<Id>& sources) {
  const auto& account = work.context.settings.account(work.caller.account);
  const ServiceSettings* sharing = account.service(owner);
  if (sharing == nullptr || sharing->shared_with.empty()) return false;
  for (const auto& [name, wait] : sharing->shared_with) {
    const ServiceSettings* other = account.service(name);
    if (other == nullptr) continue;
    auto history = load_history(work.tx, work.context, work.caller.account, subject, other->id);
    const WallTime now = not_before(history, work.moment.now);
    settle(work, history, shared_sources_lost(history, sources, other->standing, now));
    void_proofs(work, history);
  }
  return true;
}

/// How much later than here a replacement may count elsewhere: for a policy, or for a service that counts it too.
Duration longer_elsewhere(const Context& context, const AccountId& account, const ServiceId& service) {
  const auto& settings = context.settings.account(account);
  const Rules& rules = standing_rules(context, account, service);
  Duration longest = rules.wait;
  for (const auto& [name, policy] : context.settings.policies) longest = std::max(longest, policy.wait);
  if (const ServiceSettings* own = settings.service(service)) {
    for (const auto& [name, wait] : own->shared_with) longest = std::max(longest, wait);
  }
  return longest - rules.wait;
}

/// A replaced set of recovery codes is void: what is stored of it is deleted. [BKP-3] Where something waits longer, the
/// set is used there until its replacement counts there too [STD-8]; then it is deleted with the first later change.
void delete_replaced_sets(const Work& work, const Change& change) {
  const SubjectId& subject = change.history.subject;
  const Duration longer = longer_elsewhere(work.context, work.caller.account, change.history.service);
  for (const Binding& binding : change.history.bindings) {
    const bool replaced = binding.kind == domain::Kind::kRecovery && !binding.shared && binding.gone &&
                          binding.gone->why == domain::standing::GoneWhy::kReplaced;
    if (!replaced) continue;
    const bool is_over = longer == Duration::zero() ? std::ranges::find(change.ended, binding.id) != change.ended.end()
                                                    : work.moment.now - binding.gone->at >= longer;
    if (!is_over) continue;
    auto row = store::find_factor(work.tx, work.caller.account, subject, FactorId{binding.source});
    auto removed = row ? domain::removed(row->state, binding.gone->at) : std::nullopt;
    if (!removed) continue;
    row->state = *std::move(removed);
    store::save_factor(work.tx, *row);
    record(work, "factor.removed", subject,
           Facts()
               .text("factor", row->state.id.text())
               .text("type", factor_type(row->state.type))
               .text("reason", to_text(binding.gone->why)));
  }
}

/// A factor that the person removed on a page: its secret is deleted once it has left. [BND-5]
void delete_what_left(const Work& work, const Change& change) {
  for (const BindingId& id : change.ended) {
    const Binding& binding = *find(change.history, id);
    if (!binding.leaving || binding.gone->why != domain::standing::GoneWhy::kRemoved) continue;
    auto row = store::find_factor(work.tx, work.caller.account, change.history.subject, FactorId{binding.source});
    auto removed = row ? domain::removed(row->state, binding.gone->at) : std::nullopt;
    if (!removed) continue;
    row->state = *std::move(removed);
    store::save_factor(work.tx, *row);
    record(work, "factor.removed", change.history.subject,
           Facts()
               .text("factor", row->state.id.text())
               .text("type", factor_type(row->state.type))
               .text("reason", to_text(binding.gone->why)));
  }
}

/// The service's own, without what others share.
History load_own(store::Tx& tx, const Context& context, const AccountId& account, const SubjectId& subject,
                 const ServiceId& service) {
  if (auto found = store::find_history(tx, account, subject, service)) return *std::move(found);
  auto history =
      known_before(subject, service, old_contacts(tx, account, subject),
                   old_factors(tx, context, account, subject, service), standing_rules(context, account, service));
  // A service newer than the erasure has no tombstone of its own. [STD-14]
  const auto erasure = store::find_erasure(tx, account, subject);
  if (erasure && erasure->state.erased_at) history = close_founding(std::move(history), *erasure->state.erased_at);
  return history;
}

}  // namespace

const Rules& standing_rules(const Context& context, const AccountId& account, const ServiceId& service) {
  const auto& settings = context.settings.account(account);
  const ServiceSettings* configured = settings.service(service);
  return (configured == nullptr ? settings.services.front() : *configured).standing;
}

History no_history(const SubjectId& subject, const ServiceId& service) {
  History history;
  history.subject = subject;
  history.service = service;
  return history;
}

History with_what_others_share(store::Tx& tx, const Context& context, const AccountId& account, History history) {
  const auto settings = context.settings.accounts.find(account);
  if (settings == context.settings.accounts.end()) return history;
  const ServiceSettings* service = settings->second.service(history.service);
  if (service == nullptr) return history;
  for (const auto& other : settings->second.services) {
    const auto terms = other.shared_with.find(service->name);
    if (terms == other.shared_with.end()) continue;
    tx.alone();
    history = with_shared(std::move(history), load_own(tx, context, account, history.subject, other.id),
                          {other.name, terms->second});
  }
  return history;
}

History load_history(store::Tx& tx, const Context& context, const AccountId& account, const SubjectId& subject,
                     const ServiceId& service) {
  return with_what_others_share(tx, context, account, load_own(tx, context, account, subject, service));
}

History take_history(store::Tx& tx, const Context& context, store::TransactionRow& held) {
  const auto content = std::exchange(held.history_content, std::nullopt);
  if (content)
    return with_what_others_share(tx, context, held.state.account,
                                  store::read_history(*content, held.state.subject, held.state.service));
  return load_history(tx, context, held.state.account, held.state.subject, held.state.service);
}

void settle(const Work& work, History& before, Change change) {
  if (change.history == before) return;
  delete_replaced_sets(work, change);
  delete_what_left(work, change);
  const bool lost = lost_something(before, change.history);
  const auto sources = lost ? lost_sources(before, change.history) : std::vector<Id>();
  record_source_changes(work, change.history.subject, change.history.service, change);
  before = std::move(change.history);
  write_history(work.tx, work.context, work.caller.account, before, work.moment.now);
  if (!lost) return;
  void_proofs(work, before);
  // Services that share with each other: what was lost elsewhere may have changed this history, too.
  if (let_others_lose(work, before.subject, before.service, sources))
    before = load_history(work.tx, work.context, work.caller.account, before.subject, before.service);
}

void follow_with(Change& change, Change next) {
  change.history = std::move(next.history);
  change.binding = next.binding;
  change.announce.insert(change.announce.end(), next.announce.begin(), next.announce.end());
  change.ended.insert(change.ended.end(), next.ended.begin(), next.ended.end());
  change.leaving.insert(change.leaving.end(), next.leaving.begin(), next.leaving.end());
  change.not_removed.insert(change.not_removed.end(), next.not_removed.begin(), next.not_removed.end());
}

WallTime binding_time(const Work& work, const History& history, std::optional<WallTime> row_made_at) {
  const bool made_now = row_made_at && *row_made_at >= work.moment.now;
  return not_before(history,
                    made_now ? *row_made_at
                             : store::time_after_holds(work.tx, work.caller.account, history.subject, work.moment.now));
}

Offer offer_of(const store::ContactRow& contact, Moment& moment) {
  return {BindingId::make(moment), contact.address_id.id, kind_of(contact), std::nullopt};
}

void void_proofs(const Work& work, const History& history) {
  work.tx.alone();
  const WallTime now = not_before(history, work.moment.now);
  for (auto& row :
       store::unclaimed_transactions(work.tx, work.caller.account, history.subject, history.service, kVoidMax)) {
    if (row.state.proofs.empty() || row.state.purpose == domain::Purpose::kStandaloneCode) continue;
    resolve_old_proofs(work.tx, row.state);
    const auto& held = row.state;
    if (domain::standing::voided(history, held.proofs, held.created_at, now, terms_of(held.policy)).empty()) continue;
    auto ended = domain::voided(std::move(row.state), work.moment.now);
    if (!ended) continue;  // It had already expired.
    row.state = *std::move(ended);
    static_cast<void>(close_transaction(work, row));
  }
}

void lapse_one(store::Tx& tx, const Context& context, const AccountId& account, History known, Moment& moment) {
  // The account is no longer configured: nothing to wait for.
  if (!context.settings.accounts.contains(account)) return store::save_history(tx, account, known, std::nullopt);
  const Caller system{account, "system", "", std::nullopt};
  known = with_what_others_share(tx, context, account, std::move(known));
  Change change = lapse(known, standing_rules(context, account, known.service), moment.now);
  // Also if nothing changed: it must not stay due.
  if (change.history == known)
    write_history(tx, context, account, known, moment.now);
  else
    settle({tx, context, system, moment}, known, std::move(change));
}

int lapse_due(store::Tx& tx, const Context& context, int limit, Moment& moment, const store::SetAsideKeys& aside) {
  const auto due = store::due_histories(tx, moment.now, limit, aside);
  for (const auto& [account, history] : due) {
    store::naming_row("standings", store::history_key(account, history.subject, history.service),
                      [&] { lapse_one(tx, context, account, history, moment); });
  }
  return static_cast<int>(due.size());
}

Counts counts_for(const History& history, const Id& source, const domain::Transaction& held, WallTime now) {
  return counts(history, source, held.created_at, not_before(history, now), terms_of(held.policy));
}

Judgement judge_now(const History& history, const domain::Transaction& held, WallTime now) {
  return judge(held.policy,
               judged(history, held.proofs, held.created_at, not_before(history, now), terms_of(held.policy)));
}

Judgement judge_as_recorded(const domain::Transaction& held) {
  std::vector<JudgedProof> all;
  for (const auto& proof : held.proofs) {
    Counts counted;
    // Before there was a history, only proofs that counted were stored.
    counted.counted = proof.how.counted == Counted::kNot ? Counted::kWaited : proof.how.counted;
    counted.since = proof.how.since;
    counted.repeat_of = proof.how.repeat_of;
    all.push_back({proof.method, proof.source, counted});
  }
  return judge(held.policy, all);
}

Judgement judgement_of(store::Tx& tx, const Context& context, const domain::Transaction& transaction, WallTime now) {
  const auto status = domain::status_at(transaction, now);
  const bool open = status == domain::TransactionStatus::kHeld || status == domain::TransactionStatus::kInReview ||
                    (status == domain::TransactionStatus::kVerified && !transaction.claimed_at);
  if (!open || transaction.proofs.empty()) return judge_as_recorded(transaction);
  domain::Transaction held = transaction;
  resolve_old_proofs(tx, held);
  return judge_now(load_history(tx, context, held.account, held.subject, held.service), held, now);
}

void resolve_old_proofs(store::Tx& tx, domain::Transaction& transaction) {
  for (auto& proof : transaction.proofs) {
    if (proof.how.counted != Counted::kNot || proof.contact || !domain::channel_of(proof.method)) continue;
    const ContactId id{proof.source};
    if (const auto contact = store::find_contact(tx, transaction.account, id)) {
      proof.source = contact->address_id.id;
      proof.contact = id;
    }
  }
}

Problem problem_of(Refused refused) {
  switch (refused) {
    case Refused::kUnknownSource:
      return {Code::kNotFound, "nothing living is bound by that"};
    case Refused::kHasHistory:
      return {Code::kHasHistory, "only for a subject who was never known by anything"};
    case Refused::kOtherKind:
      return {Code::kInvalidField, "must name a contact of the same kind", "replaces"};
    case Refused::kFoundingTooLong:
      return {Code::kInvalidField, "must be at most 30 days ahead", "founding_until"};
    case Refused::kFoundingContradicts:
      return {Code::kInvalidField, "cannot come together with verified_at", "founding_until"};
    case Refused::kDoesNotCount:
      return {Code::kSourceDoesNotCount, "it does not count for this transaction"};
    case Refused::kNotTold:
      return {Code::kNotTold, "this contact was not told of the change"};
    case Refused::kObjectedBefore:
      return {Code::kObjectedBefore,
              "each contact can object to a change once, the application once, and nobody after it was decided"};
    case Refused::kNotStopped:
      return {Code::kNotStopped, "nobody has objected, or it was decided or has lapsed"};
    case Refused::kTooManySources:
      return {Code::kRateLimited,
              "the subject was given 1000 sources; the oldest are forgotten 30 days after they ended", "",
              std::chrono::hours(24)};
    case Refused::kLastOne:
    case Refused::kStays:
    case Refused::kLeaves:
    case Refused::kAlreadyBound:
    case Refused::kNewSourceNotProved:
    case Refused::kOperationTooLong:
    case Refused::kTooFewKinds:
    case Refused::kTooWeak:
    case Refused::kMayNotDecide:
      break;
  }
  return {Code::kMethodNotAllowed, std::string(to_text(refused))};
}

Problem does_not_count(const Counts& counts) {
  Problem problem{Code::kSourceDoesNotCount,
                  "it does not count for this transaction: " + std::string(to_text(counts.why_not))};
  problem.counts_from = counts.counts_from;
  return problem;
}

domain::Kind kind_of(const store::ContactRow& contact) { return domain::kind_of(domain::method_of(contact.channel)); }

WallTime standing_now(const History& history, WallTime now) { return not_before(history, now); }

void suspect_source(const Work& work, const SubjectId& subject, const Id& source) {
  for (const auto& service : services_to_change(work.tx, work.context, work.caller.account, subject)) {
    auto history = load_history(work.tx, work.context, work.caller.account, subject, service);
    const WallTime at = binding_time(work, history, std::nullopt);
    auto changed = suspect(history, source, standing_rules(work.context, work.caller.account, service), at);
    if (changed) settle(work, history, *std::move(changed));
  }
}

std::vector<ServiceId> services_to_change(store::Tx& tx, const Context& context, const AccountId& account,
                                          const SubjectId& subject) {
  std::vector<ServiceId> services = store::services_with_history(tx, account, subject);
  for (const auto& service : context.settings.account(account).services) {
    if (std::ranges::find(services, service.id) == services.end()) services.push_back(service.id);
  }
  return services;
}

}  // namespace countersign::usecase
