#include "usecase/verification/prove.h"

#include "domain/standing/due.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/conversion.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/push/device.h"
#include "usecase/risk/sending.h"
#include "usecase/risk/trust.h"
#include "usecase/subject/change_on_page.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/held.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;

/// A standalone code has no standing: a right code is approved, and there is nothing to claim. [STD-13]
Answer<Approved> prove_alone(const Work& work, store::TransactionRow& row, const domain::Proof& proof) {
  const standing::Judgement met{standing::Missing::kNothing, 1, 1, std::nullopt};
  auto next = domain::with_proof(std::move(row.state), proof, met, work.moment.now,
                                 work.context.settings.transactions.claim_window);
  if (!next) return fail(problem_of(next.error()));
  next = domain::completed_without_release(*std::move(next), work.moment.now);
  if (!next) return fail(problem_of(next.error()));
  row.state = *std::move(next);
  store::save_transaction(work.tx, row);
  record(work, "check.approved", row.state, Facts().text("method", domain::to_text(proof.method)));
  return Approved{row.state.status, met};
}

}  // namespace

Answer<Approved> prove(const Work& work, store::TransactionRow& row, domain::Proof proof,
                       std::optional<standing::History> known) {
  auto& held = row.state;
  if (held.purpose == domain::Purpose::kStandaloneCode) return prove_alone(work, row, proof);
  standing::History history = known ? *std::move(known) : take_history(work.tx, work.context, row);
  resolve_old_proofs(work.tx, held);
  const auto counts = counts_for(history, proof.source, held, work.moment.now);
  auto proved = standing::prove(history, proof.source, held.created_at, standing::terms_of(held.policy),
                                standing_rules(work.context, held.account, held.service),
                                standing::not_before(history, work.moment.now));
  if (!proved) return fail(does_not_count(counts));
  // Not as company of another, either: a mailbox and what added the change would decide about it. [STD-11]
  if (held.purpose == domain::Purpose::kDecideChange &&
      !may_answer(work.context, row, history, proof.source, work.moment.now))
    return refuse(Code::kSourceDoesNotCount, "it took part in the change, or does not count on its own");
  settle(work, history, *std::move(proved));
  if (domain::kind_of(proof.method) != domain::Kind::kDevice) note_other_proof(work, history);

  proof.how = counts.how();
  domain::Transaction with_it = held;
  with_it.proofs = domain::proofs_with(held, proof);
  const auto judgement = judge_now(history, with_it, work.moment.now);
  // An operation that adds a source releases nothing: its approval lasts as long as the operation can.
  const Duration window = held.purpose == domain::Purpose::kAddSource
                              ? standing_rules(work.context, held.account, held.service).operation
                              : work.context.settings.transactions.claim_window;
  auto next = domain::with_proof(std::move(held), proof, judgement, work.moment.now, window);
  if (!next) return fail(problem_of(next.error()));
  row.state = *std::move(next);
  const bool was_met = row.state.status == domain::TransactionStatus::kVerified;
  const auto* service = work.context.settings.account(work.caller.account).service(row.state.service);
  if (was_met && service != nullptr) judge_approval(work, history, methods_offered(*service), row);
  const bool was_stopped = was_met && row.state.status != domain::TransactionStatus::kVerified;
  store::save_transaction(work.tx, row);
  if (was_stopped) store::save_risk(work.tx, row);
  const Facts how =
      Facts().text("method", domain::to_text(proof.method)).text("counted", standing::to_text(proof.how.counted));
  record(work, "check.approved", row.state, how);
  if (was_stopped) {
    announce_stopped(work, row);
    return Approved{row.state.status, judge_now(history, row.state, work.moment.now)};
  }
  if (row.state.status == domain::TransactionStatus::kVerified) {
    record(work, "transaction.verified", row.state, {});
    learn_from_approval(work, row);
    enqueue_webhooks(work.tx, work.context, "transaction.verified", row, work.moment);
    const bool decides = row.state.purpose == domain::Purpose::kDecideChange;
    const bool changes = row.state.purpose == domain::Purpose::kChangeSource;
    if (decides || changes) work.tx.alone();
    if (decides) carry_out_decision(work, row, history);
    if (changes) carry_out_change(work, row, history);
  }
  return Approved{row.state.status, judgement};
}

Answer<Approved> prove_contact(const Work& work, store::TransactionRow&& row, store::ContactRow&& contact,
                               const store::VerificationRow& by, bool carried) {
  domain::Proof proof{domain::method_of(contact.channel), contact.address_id.id, work.moment.now, contact.id, {}};
  const bool standalone = row.state.purpose == domain::Purpose::kStandaloneCode;
  if (by.is_of_line() && !standalone) proof.channels = domain::channels_used(by.sendings);
  const ServiceId service = row.state.service;
  auto approved = prove(work, row, proof);
  if (!approved) store::save_verifications(work.tx, row);
  const bool counted = tally_for(work.context, work.caller.account) != nullptr || work.context.conversion != nullptr ||
                       work.context.risk != nullptr;
  if (approved && counted) {
    // What is in the address is read when it is counted, off the writer thread.
    work.tx.when_durable([&context = work.context, account = work.caller.account, service, contact,
                          verification = by.state.id, end_user = work.caller.end_user, carried,
                          converted = carried ? std::optional(by) : std::nullopt, at = work.moment.now] {
      const SecretString address = store::open_address(context.vault, contact);
      if (auto* const tally = tally_for(context, account))
        tally->on_approved(place_of(context, account, service), contact::to_text(contact.channel),
                           country_of(address.expose()));
      if (carried) note_typed(context, account, contact, address.expose(), verification, end_user, at);
      if (converted) note_converted(context, account, *converted, address.expose(), at);
    });
  }
  if (approved) note_arrival(work, contact);
  // Nearly every contact was proved before; then the row need not be written.
  if (approved && !contact.proved_at) {
    contact.proved_at = work.moment.now;
    store::save_proved(work.tx, work.caller.account, contact);
  }
  return approved;
}

}  // namespace countersign::usecase
