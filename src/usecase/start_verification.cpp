#include "usecase/start_verification.h"

#include <fmt/format.h>

#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/contacts.h"
#include "usecase/gate.h"
#include "usecase/guessing.h"
#include "usecase/send_code.h"
#include "usecase/standing.h"

namespace countersign::usecase {

namespace {

/// The newest on that channel that counts for the transaction: what is new never hides what counts. [STD-9]
Answer<store::ContactRow> newest_that_counts(std::vector<store::ContactRow> contacts, contact::Channel channel,
                                             const domain::standing::History& history, const domain::Transaction& held,
                                             WallTime now) {
  std::optional<domain::standing::Counts> best;
  for (auto& contact : contacts) {
    if (contact.channel != channel) continue;
    const auto counts = counts_for(history, contact.address_id.id, held, now);
    if (counts.any()) return std::move(contact);
    best = best ? domain::standing::better(*best, counts) : counts;
  }
  if (best) return fail(does_not_count(*best));
  return refuse(Code::kNoContact, fmt::format("the subject has no {} contact", contact::to_text(channel)));
}

/// The contact that was asked for. Another subject's is not found, however well its id is known.
Answer<store::ContactRow> choose_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                         const StartRequest& request, const domain::Transaction& held,
                                         const domain::standing::History& history, const ServiceSettings& service,
                                         WallTime now) {
  const SubjectId& subject = held.subject;
  if (!request.contact) {
    return newest_that_counts(store::contacts_of(tx, caller.account, subject), request.channel, history, held, now);
  }
  std::optional<store::ContactRow> found;
  if (const auto id = ContactId::parse(*request.contact)) {
    found = store::find_contact(tx, caller.account, *id);
  } else {
    const auto address = check_address({request.channel, *request.contact}, service, "contact");
    if (!address) return fail(address.error());
    for (auto& contact : store::contacts_of(tx, caller.account, subject)) {
      const bool same = contact.channel == request.channel &&
                        store::open_address(context.vault, contact).expose() == address->address;
      if (same) found = std::move(contact);
    }
  }
  if (!found || found->subject != subject || found->channel != request.channel) {
    return refuse(Code::kNoContact, "the subject has no such contact on this channel");
  }
  const auto counts = counts_for(history, found->address_id.id, held, now);
  if (!counts.any()) return fail(does_not_count(counts));
  return *std::move(found);
}

/// The verification of that contact which can be sent again, and what was sent to its line by other channels.
void note_pending(store::Tx& tx, const Caller& caller, const StartRequest& request, const store::ContactRow& contact,
                  SendTerms& terms, WallTime now) {
  for (auto& row : store::verifications_of(tx, caller.account, request.transaction)) {
    if (domain::status_at(row.state, now) != domain::VerificationStatus::kPending) continue;
    if (row.state.contact == contact.id) {
      if (!terms.pending) terms.pending = std::move(row);
      continue;
    }
    if (contact::uses_phone(row.state.channel) != contact::uses_phone(contact.channel)) continue;
    const auto other = store::find_contact(tx, caller.account, row.state.contact);
    if (!other || other->address_id != contact.address_id) continue;
    if (!terms.sent_before) terms.sent_before = SentBefore{};
    terms.sent_before->sends += row.state.sends;
    terms.sent_before->last_sent_at = std::max(terms.sent_before->last_sent_at, row.state.last_sent_at);
  }
}

/// In a transaction that is open. `is_new`: it was held a moment ago, so nothing can have been sent in it.
Answer<Started> start_in(store::Tx& tx, const Context& context, const Caller& caller, const store::TransactionRow& held,
                         const domain::standing::History& history, const StartRequest& request, bool is_new,
                         Moment& moment) {
  const auto& account = context.settings.account(caller.account);
  const ServiceSettings* service = account.service(held.state.service);
  const Road* road = service == nullptr ? nullptr : service->road(request.channel);
  if (!held.state.policy.any_of.contains(domain::method_of(request.channel))) {
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept this channel");
  }
  if (road == nullptr) return refuse(Code::kChannelUnavailable, "no provider is configured for this channel");
  auto contact = choose_contact(tx, context, caller, request, held.state, history, *service, moment.now);
  if (!contact) return fail(contact.error());
  if (auto locked = lock_fault(guard_of(*contact, false).state.failures, moment.now)) return fail(*std::move(locked));

  if (!service->routes.empty())
    road = service->road(request.channel, store::open_address(context.vault, *contact).expose());
  SendTerms terms{*service, account.limits, *road, {}, {}, {}};
  if (!is_new) note_pending(tx, caller, request, *contact, terms, moment.now);
  return send_code(tx, context, caller, held, *std::move(contact), std::move(terms), moment);
}

}  // namespace

Answer<Started> start_verification(store::Tx& tx, const Context& context, const Caller& caller,
                                   const StartRequest& request, Moment& moment) {
  auto held = open_transaction(tx, caller, request.transaction, moment.now);
  if (!held) return fail(held.error());
  const auto history = take_history(tx, context, *held);
  return start_in(tx, context, caller, *held, history, request, false, moment);
}

Answer<Started> start_with_hold(store::Tx& tx, const Context& context, const Caller& caller,
                                const store::TransactionRow& held, const domain::standing::History& history,
                                contact::Channel channel, Moment& moment) {
  return start_in(tx, context, caller, held, history, {held.state.id, channel, std::nullopt}, true, moment);
}

}  // namespace countersign::usecase
