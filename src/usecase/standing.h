#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/standing/changes.h"
#include "domain/standing/judgement.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "usecase/context.h"
#include "usecase/problem.h"

// What counts as known, for the use cases: loaded, changed, written down. The rules are in domain/standing and
// docs/standing.md; nothing here decides anything about a source.
namespace countersign::usecase {

/// Of a configured service, with the policies that it has; of one that the Verify-compatible API made, those of the
/// account's first.
[[nodiscard]] const domain::standing::Rules& standing_rules(const Context& context, const AccountId& account,
                                                            const ServiceId& service);

/// One read; more where the subject has none yet, because what is from before there was a history is looked for.
[[nodiscard]] domain::standing::History load_history(store::Tx& tx, const Context& context, const AccountId& account,
                                                     const SubjectId& subject, const ServiceId& service);
/// Of a transaction's subject at its service. No read at all where it came with the transaction, which it does once: it
/// is taken out of `held`, because it stays true only until something is settled.
[[nodiscard]] domain::standing::History take_history(store::Tx& tx, const Context& context,
                                                     store::TransactionRow& held);
/// For a subject that was made a moment ago.
[[nodiscard]] domain::standing::History no_history(const SubjectId& subject, const ServiceId& service);

/// Writes down what changed, in the audit trail too, tells whom it concerns (usecase/notices.h), and cancels the open
/// transactions whose proofs do not stand any more. `before` becomes the new history. One write where it changed.
void settle(store::Tx& tx, const Context& context, const Caller& caller, domain::standing::History& before,
            domain::standing::Change change, Moment& moment);

/// One change on top of another, to be settled together.
void follow_with(domain::standing::Change& change, domain::standing::Change next);

/// When something that is bound now is bound: after each of the subject's holds and after all that the history knows
/// of, also where the clock was set back. `row_made_at`: of a row made for it in this transaction, which was asked the
/// same.
[[nodiscard]] WallTime binding_time(store::Tx& tx, const AccountId& account, const domain::standing::History& history,
                                    std::optional<WallTime> row_made_at, WallTime now);

/// The contact as something to be bound.
[[nodiscard]] domain::standing::Offer offer_of(const store::ContactRow& contact, Moment& moment);

/// Cancels the subject's open transactions at that service in which a proof does not stand any more, with
/// `proof_voided`. [STD-8] The newest 500: older ones are judged anew at their claim like all.
void void_proofs(store::Tx& tx, const Context& context, const Caller& caller, const domain::standing::History& history,
                 Moment& moment);

/// What time has changed in one of them, or that nothing has: either way it is written down when to look again.
void lapse_one(store::Tx& tx, const Context& context, const AccountId& account, domain::standing::History known,
               Moment& moment);

/// Time's own changes, at most `limit` histories; answers how many. Passes over `aside`; what cannot be read fails the
/// unit by the row's name.
[[nodiscard]] int lapse_due(store::Tx& tx, const Context& context, int limit, Moment& moment,
                            const store::SetAsideKeys& aside = {});

/// What a source counts as for that transaction, now.
[[nodiscard]] domain::standing::Counts counts_for(const domain::standing::History& history, const Id& source,
                                                  const domain::Transaction& held, WallTime now);

/// Judged anew: policy, standing and losses as of now. Proofs from before there was a history are looked up by their
/// contact. For one that is over: as it was judged last.
[[nodiscard]] domain::standing::Judgement judge_now(const domain::standing::History& history,
                                                    const domain::Transaction& held, WallTime now);
[[nodiscard]] domain::standing::Judgement judge_as_recorded(const domain::Transaction& held);
/// As of now while it is open, reading the history where there are proofs; as recorded once it is over.
[[nodiscard]] domain::standing::Judgement judgement_of(store::Tx& tx, const Context& context,
                                                       const domain::Transaction& transaction, WallTime now);

/// Gives proofs from before there was a history their address as source.
void resolve_old_proofs(store::Tx& tx, domain::Transaction& transaction);

/// Of the domain's refusals what the caller may know.
[[nodiscard]] Problem problem_of(domain::standing::Refused refused);
[[nodiscard]] Problem does_not_count(const domain::standing::Counts& counts);

[[nodiscard]] domain::Kind kind_of(const store::ContactRow& contact);

/// The moment as it counts for this history: a clock that was set back undoes nothing.
[[nodiscard]] WallTime standing_now(const domain::standing::History& history, WallTime now);

/// Makes that source wait anew wherever it lives, with what it added. [STD-11]
void suspect_source(store::Tx& tx, const Context& context, const Caller& caller, const SubjectId& subject,
                    const Id& source, Moment& moment);

/// The services at which a change that concerns the whole account must be made: the configured ones and those that have
/// a history of the subject.
[[nodiscard]] std::vector<ServiceId> services_to_change(store::Tx& tx, const Context& context, const AccountId& account,
                                                        const SubjectId& subject);

}  // namespace countersign::usecase
