#include "usecase/verification/start.h"

#include <fmt/format.h>

#include "base/function_ref.h"
#include "store/repository/to_prove.h"
#include "store/repository/verifications.h"
#include "usecase/keys.h"
#include "usecase/outbox/carrier.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/subject/contacts.h"
#include "usecase/subject/standing.h"
#include "usecase/transaction/held.h"
#include "usecase/verification/guessing.h"
#include "usecase/verification/send.h"

namespace countersign::usecase {

namespace {

using Contacts = std::vector<store::ContactRow>;

/// The newest on that channel that counts for the transaction: a new contact never hides one that counts. [STD-9] One
/// that is known not to be reached comes after the others.
Answer<store::ContactRow> newest_that_counts(const Contacts& contacts, contact::Channel channel,
                                             const domain::standing::History& history, const domain::Transaction& held,
                                             WallTime now) {
  std::optional<domain::standing::Counts> best;
  const store::ContactRow* hindered = nullptr;
  for (const auto& contact : contacts) {
    if (contact.channel != channel) continue;
    const auto counts = counts_for(history, contact.address_id.id, held, now);
    if (counts.any() && !obstacle_of(contact, now)) return contact;
    if (counts.any() && hindered == nullptr) hindered = &contact;
    best = best ? domain::standing::better(*best, counts) : counts;
  }
  if (hindered != nullptr) return *hindered;
  if (best) return fail(does_not_count(*best));
  return refuse(Code::kNoContact, fmt::format("the subject has no {} contact", contact::to_text(channel)));
}

/// The requested contact. Another subject's is not found, even by a correct id.
Answer<store::ContactRow> choose_contact(const Work& work, const StartRequest& request, const Contacts& contacts,
                                         const domain::Transaction& held, const domain::standing::History& history,
                                         const ServiceSettings& service) {
  if (!request.contact) return newest_that_counts(contacts, request.channel, history, held, work.moment.now);
  const store::ContactRow* found = nullptr;
  if (const auto id = ContactId::parse(*request.contact)) {
    found = contact_in(contacts, *id);
  } else {
    const auto address = check_address({request.channel, *request.contact}, service, "contact");
    if (!address) return fail(address.error());
    for (const auto& contact : contacts) {
      const bool same = contact.channel == request.channel &&
                        store::open_address(work.context.vault, contact).expose() == address->address;
      if (same) found = &contact;
    }
  }
  if (found == nullptr || found->channel != request.channel)
    return refuse(Code::kNoContact, "the subject has no such contact on this channel");
  const auto counts = counts_for(history, found->address_id.id, held, work.moment.now);
  if (!counts.any()) return fail(does_not_count(counts));
  return *found;
}

/// Finds the contact's verification that can be sent again, and earlier sends to its line on other channels.
void note_pending(const Work& work, const store::TransactionRow& held, const Contacts& contacts,
                  const store::ContactRow& contact, std::optional<store::VerificationRow>& pending,
                  std::optional<domain::SentBefore>& sent_before) {
  for (auto& row : store::verifications_of(work.tx, held)) {
    if (domain::status_at(row.state, work.moment.now) != domain::VerificationStatus::kPending) continue;
    if (row.state.contact == contact.id) {
      if (!pending) pending = std::move(row);
      continue;
    }
    if (contact::uses_phone(row.state.channel) != contact::uses_phone(contact.channel)) continue;
    const auto* other = contact_in(contacts, row.state.contact);
    if (other == nullptr || other->address_id != contact.address_id) continue;
    sent_before = domain::together(sent_before.value_or(domain::SentBefore{}), domain::sendings_of(row.state));
  }
}

/// For an open transaction. `read_contacts`: its subject's. `is_new`: just held, so nothing can have been sent for it.
Answer<Started> start_in(const Work& work, store::TransactionRow& held, Contacts contacts,
                         FunctionRef<Contacts()> read_contacts, const domain::standing::History& history,
                         const StartRequest& request, bool is_new) {
  const auto& account = work.context.settings.account(work.caller.account);
  const ServiceSettings* service = account.service(held.state.service);
  const ChannelProvider* provider = service == nullptr ? nullptr : service->provider_for(request.channel);
  if (!held.state.policy.any_of.contains(domain::method_of(request.channel))) {
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept this channel");
  }
  if (provider == nullptr) return refuse(Code::kChannelUnavailable, "no provider is configured for this channel");
  auto contact = choose_contact(work, request, contacts, held.state, history, *service);
  if (!contact) return fail(contact.error());
  if (!work.tx.take(address_key(work.caller.account, contact->address_id))) {
    contacts = read_contacts();
    contact = choose_contact(work, request, contacts, held.state, history, *service);
    if (!contact) return fail(contact.error());
  }
  if (auto locked = lock_fault(guard_of(*contact, false).state.failures, work.moment.now))
    return fail(*std::move(locked));

  std::optional<store::VerificationRow> pending;
  std::optional<domain::SentBefore> sent_before;
  if (!is_new) note_pending(work, held, contacts, *contact, pending, sent_before);
  if (service->has_choice(request.channel)) {
    const auto address = store::open_address(work.context.vault, *contact);
    provider = provider_for_start(work.context, *service, request.channel, address.expose(), pending);
    if (pending) pending->provider = provider->name;
  }
  SendTerms terms{*service, account.limits, *provider, std::move(pending), {}, {}};
  terms.sent_before = sent_before;
  return send_code(work, held, *std::move(contact), std::move(terms));
}

}  // namespace

Answer<Started> start_verification(const Work& work, const StartRequest& request) {
  std::optional<store::Beside> beside;
  if (!work.context.settings.account(work.caller.account).checks_elsewhere(request.channel)) beside.emplace(work.tx);
  auto found = open_to_send(work, request.transaction);
  if (!found) return fail(found.error());
  store::TransactionRow& held = found->row;
  const auto history = take_history(work.tx, work.context, held);
  const auto read_contacts = [&] {
    auto again = store::find_transaction_to_send(work.tx, work.caller.account, request.transaction);
    return again ? std::move(again->contacts) : Contacts{};
  };
  auto started = start_in(work, held, std::move(found->contacts), read_contacts, history, request, false);
  if (started) store::save_verifications(work.tx, held);
  return started;
}

Answer<Started> start_with_hold(const Work& work, store::TransactionRow& held, const domain::standing::History& history,
                                contact::Channel channel) {
  const auto read_contacts = [&] { return store::contacts_of(work.tx, work.caller.account, held.state.subject); };
  return start_in(work, held, read_contacts(), read_contacts, history, {held.state.id, channel, std::nullopt}, true);
}

}  // namespace countersign::usecase
