#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/standing/changes.h"
#include "domain/standing/judgement.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "usecase/problem.h"
#include "usecase/work.h"

// Loads, changes and stores the standing of sources for the use cases. The rules are in domain/standing and
// docs/standing.md; nothing here decides about a source.
namespace countersign::usecase {

/// A configured service has the rules of its policies; a service made by the Verify-compatible API has those of the
/// account's first.
[[nodiscard]] const domain::standing::Rules& standing_rules(const Context& context, const AccountId& account,
                                                            const ServiceId& service);

/// One read; more if the subject has no history yet, because older rows are then searched.
[[nodiscard]] domain::standing::History load_history(store::Tx& tx, const Context& context, const AccountId& account,
                                                     const SubjectId& subject, const ServiceId& service);
/// A history as it is stored, with what other services of the account share. Reads nothing where none does. What is
/// read with another row needs it before anything is judged. [STD-12]
[[nodiscard]] domain::standing::History with_what_others_share(store::Tx& tx, const Context& context,
                                                               const AccountId& account,
                                                               domain::standing::History history);
/// The history of a transaction's subject at its service. Needs no read if `held` carries it; it is moved out of
/// `held`, because it is valid only until something is settled.
[[nodiscard]] domain::standing::History take_history(store::Tx& tx, const Context& context,
                                                     store::TransactionRow& held);
/// For a subject that was just created.
[[nodiscard]] domain::standing::History no_history(const SubjectId& subject, const ServiceId& service);

/// Stores a change and its audit events, notifies those concerned (usecase/subject/change_events.h), and cancels the
/// open transactions whose proofs are voided. `before` becomes the new history. One write if it changed.
void settle(const Work& work, domain::standing::History& before, domain::standing::Change change);

/// Appends one change to another, to settle both together.
void follow_with(domain::standing::Change& change, domain::standing::Change next);

/// The binding time of a source bound now: after each of the subject's holds and after everything in the history, even
/// if the clock was set back. `row_made_at`: the time of a row made for it in this transaction, which was computed the
/// same way.
[[nodiscard]] WallTime binding_time(const Work& work, const domain::standing::History& history,
                                    std::optional<WallTime> row_made_at);

/// The contact as an offer to bind.
[[nodiscard]] domain::standing::Offer offer_of(const store::ContactRow& contact, Moment& moment);

/// Cancels the subject's open transactions at that service that have a voided proof, with `proof_voided`. [STD-8] The
/// newest 500: older ones are judged again at their claim, as all are.
void void_proofs(const Work& work, const domain::standing::History& history);

/// Applies what time has changed in one history, if anything; stores when to look again.
void lapse_one(store::Tx& tx, const Context& context, const AccountId& account, domain::standing::History known,
               Moment& moment);

/// Applies the changes of time to at most `limit` histories and returns how many. Skips `aside`; a row that cannot be
/// read fails the unit with the row's name.
[[nodiscard]] int lapse_due(store::Tx& tx, const Context& context, int limit, Moment& moment,
                            const store::SetAsideKeys& aside = {});

/// How a source counts for that transaction, now.
[[nodiscard]] domain::standing::Counts counts_for(const domain::standing::History& history, const Id& source,
                                                  const domain::Transaction& held, WallTime now);

/// Judges again: policy, standing and losses as of now. Proofs from before there was a history are looked up by their
/// contact. For a finished transaction: as last judged.
[[nodiscard]] domain::standing::Judgement judge_now(const domain::standing::History& history,
                                                    const domain::Transaction& held, WallTime now);
[[nodiscard]] domain::standing::Judgement judge_as_recorded(const domain::Transaction& held);
/// As of now while it is open (reads the history if there are proofs); as recorded once it is over.
[[nodiscard]] domain::standing::Judgement judgement_of(store::Tx& tx, const Context& context,
                                                       const domain::Transaction& transaction, WallTime now);

/// Sets the address as source in proofs from before there was a history.
void resolve_old_proofs(store::Tx& tx, domain::Transaction& transaction);

/// What the caller may know about a refusal of the domain.
[[nodiscard]] Problem problem_of(domain::standing::Refused refused);
[[nodiscard]] Problem does_not_count(const domain::standing::Counts& counts);

[[nodiscard]] domain::Kind kind_of(const store::ContactRow& contact);

/// The effective time for this history: a clock that was set back undoes nothing.
[[nodiscard]] WallTime standing_now(const domain::standing::History& history, WallTime now);

/// Makes that source wait again at every service, with what it added. [STD-11]
void suspect_source(const Work& work, const SubjectId& subject, const Id& source);

/// The services where an account-wide change must be made: the configured ones and those with a history of the subject.
[[nodiscard]] std::vector<ServiceId> services_to_change(store::Tx& tx, const Context& context, const AccountId& account,
                                                        const SubjectId& subject);

}  // namespace countersign::usecase
