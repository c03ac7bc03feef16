#include "usecase/prove.h"

#include "usecase/announce.h"
#include "usecase/established.h"
#include "usecase/gate.h"
#include "usecase/journal.h"

namespace countersign::usecase {

Answer<Approved> prove(store::Tx& tx, const Context& context, const Caller& caller, store::TransactionRow row,
                       const domain::Proof& proof, Moment& moment) {
  auto next = domain::with_proof(std::move(row.state), proof, moment.now, context.settings.claim_window);
  if (!next) return fail(problem_of(next.error()));
  row.state = *std::move(next);
  const bool verified = row.state.status == domain::TransactionStatus::kVerified;
  const bool code_alone = row.type == store::kCodeAlone;
  if (verified && code_alone) {  // There is nothing to claim: it is over with its proof.
    row.state.status = domain::TransactionStatus::kReleased;
    row.state.claimable_until.reset();
    row.state.ended_at = moment.now;
  }
  store::save_transaction(tx, row);
  record(
      tx, context, caller, "check.approved", row.state,
      Facts().text("method", domain::to_text(proof.method)).text("source", proof.established ? "established" : "fresh"),
      moment);
  if (verified && !code_alone) {
    record(tx, context, caller, "transaction.verified", row.state, Facts(), moment);
    announce(tx, context, "transaction.verified", row, moment);
  }
  return Approved{row.state.status, domain::evaluate(row.state.policy, row.state.proofs)};
}

Answer<Approved> prove_contact(store::Tx& tx, const Context& context, const Caller& caller, store::TransactionRow row,
                               store::ContactRow contact, Moment& moment) {
  const auto& held = row.state;
  // A code for its own sake is sent wherever it is asked to go; it guards nothing that was there before.
  const bool established = row.type == store::kCodeAlone || is_established(held, contact);
  // What a contact that was proved before nearly always is already; then the row need not be written.
  if (!contact.proved_at) {
    contact.proved_at = moment.now;
    store::save_proved(tx, caller.account, contact);
  }
  const domain::Proof proof{domain::method_of(contact.channel), contact.id.id, moment.now, established};
  return prove(tx, context, caller, std::move(row), proof, moment);
}

}  // namespace countersign::usecase
