#include "usecase/prove.h"

#include "domain/standing/due.h"
#include "usecase/announce.h"
#include "usecase/decide_here.h"
#include "usecase/gate.h"
#include "usecase/journal.h"
#include "usecase/standing.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;

/// A code for its own sake has no standing: a right one is approved, and there is nothing to claim. [STD-13]
Answer<Approved> prove_alone(store::Tx& tx, const Context& context, const Caller& caller, store::TransactionRow row,
                             const domain::Proof& proof, Moment& moment) {
  const standing::Judgement met{standing::Missing::kNothing, 1, 1, std::nullopt};
  auto next = domain::with_proof(std::move(row.state), proof, met, moment.now, context.settings.claim_window);
  if (!next) return fail(problem_of(next.error()));
  row.state = *std::move(next);
  row.state.status = domain::TransactionStatus::kReleased;
  row.state.claimable_until.reset();
  row.state.ended_at = moment.now;
  store::save_transaction(tx, row);
  record(tx, context, caller, "check.approved", row.state, Facts().text("method", domain::to_text(proof.method)),
         moment);
  return Approved{row.state.status, met};
}

}  // namespace

Answer<Approved> prove(store::Tx& tx, const Context& context, const Caller& caller, store::TransactionRow row,
                       domain::Proof proof, Moment& moment, std::optional<standing::History> known) {
  auto& held = row.state;
  if (row.type == store::kCodeAlone) return prove_alone(tx, context, caller, std::move(row), proof, moment);
  standing::History history = known ? *std::move(known) : take_history(tx, context, row);
  resolve_old_proofs(tx, held);
  const auto counts = counts_for(history, proof.source, held, moment.now);
  auto proved =
      standing::prove(history, proof.source, held.created_at, standing::terms_of(held.policy),
                      standing_rules(context, held.account, held.service), standing::not_before(history, moment.now));
  if (!proved) return fail(does_not_count(counts));
  settle(tx, context, caller, history, *std::move(proved), moment);

  proof.how = counts.how();
  domain::Transaction with_it = held;
  with_it.proofs = domain::proofs_with(held, proof);
  const auto judgement = judge_now(history, with_it, moment.now);
  // The operation by which a source is added releases nothing: what is approved lasts as long as it may last itself.
  const Duration window = row.type == store::kAddSource ? standing_rules(context, held.account, held.service).operation
                                                        : context.settings.claim_window;
  auto next = domain::with_proof(std::move(held), proof, judgement, moment.now, window);
  if (!next) return fail(problem_of(next.error()));
  row.state = *std::move(next);
  store::save_transaction(tx, row);
  const Facts how =
      Facts().text("method", domain::to_text(proof.method)).text("counted", standing::to_text(proof.how.counted));
  if (row.state.status != domain::TransactionStatus::kVerified) {
    record(tx, context, caller, "check.approved", row.state, how, moment);
  } else {
    record(tx, context, caller, {"check.approved", how}, {"transaction.verified", {}}, row.state, moment);
    announce(tx, context, "transaction.verified", row, moment);
    if (row.type == store::kDecideChange) carry_out_decision(tx, context, caller, row, history, moment);
  }
  return Approved{row.state.status, judgement};
}

Answer<Approved> prove_contact(store::Tx& tx, const Context& context, const Caller& caller, store::TransactionRow row,
                               store::ContactRow contact, Moment& moment) {
  const domain::Proof proof{domain::method_of(contact.channel), contact.address_id.id, moment.now, contact.id, {}};
  const ServiceId service = row.state.service;
  auto approved = prove(tx, context, caller, std::move(row), proof, moment);
  if (approved) {
    // Its country is read from the address when it is counted, which is not on the thread that writes.
    count(tx, context, caller.account, service, [&context, contact](Tally& tally, const Tally::Place& place) {
      tally.on_approved(place, contact::to_text(contact.channel),
                        country_of(store::open_address(context.vault, contact).expose()));
    });
  }
  // What a contact that was proved before nearly always is already; then the row need not be written.
  if (approved && !contact.proved_at) {
    contact.proved_at = moment.now;
    store::save_proved(tx, caller.account, contact);
  }
  return approved;
}

}  // namespace countersign::usecase
