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
#include "usecase/verification/line.h"
#include "usecase/verification/send.h"

namespace countersign::usecase {

namespace {

using Contacts = std::vector<store::ContactRow>;

bool is_wanted(const contact::Wanted& wanted, contact::Channel channel) {
  return wanted.channel ? channel == *wanted.channel : contact::uses_phone(channel);
}

/// The newest on that channel that counts for the transaction: a new contact never hides one that counts. [STD-9] One
/// that is known not to be reached comes after the others.
Answer<store::ContactRow> newest_that_counts(const Contacts& contacts, const contact::Wanted& wanted,
                                             const domain::standing::History& history, const domain::Transaction& held,
                                             WallTime now) {
  std::optional<domain::standing::Counts> best;
  const store::ContactRow* hindered = nullptr;
  for (const auto& contact : contacts) {
    if (!is_wanted(wanted, contact.channel)) continue;
    const auto counts = counts_for(history, contact.address_id.id, held, now);
    if (counts.any() && !obstacle_of(contact, now)) return contact;
    if (counts.any() && hindered == nullptr) hindered = &contact;
    best = best ? domain::standing::better(*best, counts) : counts;
  }
  if (hindered != nullptr) return *hindered;
  if (best) return fail(does_not_count(*best));
  const auto what = wanted.channel ? contact::to_text(*wanted.channel) : std::string_view("telephone");
  return refuse(Code::kNoContact, fmt::format("the subject has no {} contact", what));
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
    // Any telephone number may be called.
    const auto address = check_address({request.channel.channel.value_or(contact::Channel::kCall), *request.contact},
                                       service, "contact");
    if (!address) return fail(address.error());
    for (const auto& contact : contacts) {
      const bool same = is_wanted(request.channel, contact.channel) &&
                        store::open_address(work.context.vault, contact).expose() == address->address;
      if (same) found = &contact;
    }
  }
  if (found == nullptr || !is_wanted(request.channel, found->channel))
    return refuse(Code::kNoContact, request.channel.is_auto() ? "the subject has no such telephone line"
                                                              : "the subject has no such contact on this channel");
  const auto counts = counts_for(history, found->address_id.id, held, work.moment.now);
  if (!counts.any()) return fail(does_not_count(counts));
  return *found;
}

/// The verification that is sent again, and earlier sends to the same line.
struct SentSoFar {
  std::optional<store::VerificationRow> pending;
  std::optional<domain::SentBefore> others;
};

/// `line`: whatever its channel, a pending verification of the line is sent again.
SentSoFar sent_so_far(const Work& work, const store::TransactionRow& held, const Contacts& contacts,
                      const store::ContactRow& contact, bool line) {
  SentSoFar sent;
  for (auto& row : store::verifications_of(work.tx, held)) {
    if (domain::status_at(row.state, work.moment.now) != domain::VerificationStatus::kPending) continue;
    const auto* other = contact_in(contacts, row.state.contact);
    const bool same_line = other != nullptr && other->address_id == contact.address_id &&
                           contact::uses_phone(other->channel) == contact::uses_phone(contact.channel);
    const bool goes_on =
        row.state.contact == contact.id || (line && same_line) || continues_line(row, contacts, contact);
    if (goes_on && !sent.pending) {
      sent.pending = std::move(row);
    } else if (same_line && !goes_on) {
      sent.others = domain::together(sent.others.value_or(domain::SentBefore{}), domain::sendings_of(row.state));
    }
  }
  return sent;
}

/// What `pending` becomes by another channel of its line.
store::VerificationRow by_contact(store::VerificationRow pending, const store::ContactRow& contact,
                                  const ChannelProvider& provider) {
  // What was sent before its channel was chosen by us is not recorded.
  if (!pending.is_of_line())
    pending.sendings.push_back({MessageId{}, pending.state.channel, pending.state.last_sent_at});
  pending.state = domain::by_channel(std::move(pending.state), contact.id, contact.channel);
  pending.provider = provider.name;
  return pending;
}

/// For an open transaction. `read_contacts`: its subject's. `is_new`: just held, so nothing can have been sent for it.
Answer<Started> start_in(const Work& work, store::TransactionRow& held, Contacts contacts,
                         FunctionRef<Contacts()> read_contacts, const domain::standing::History& history,
                         const StartRequest& request, bool is_new) {
  const auto& account = work.context.settings.account(work.caller.account);
  const ServiceSettings* service = account.service(held.state.service);
  const auto& policy = held.state.policy;
  const auto wanted = request.channel.channel;
  const ChannelProvider* provider = service == nullptr || !wanted ? nullptr : service->provider_for(*wanted);
  if (wanted && !policy.takes(domain::method_of(*wanted))) {
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept this channel");
  }
  if (service == nullptr || (wanted && provider == nullptr))
    return refuse(Code::kChannelUnavailable, "no provider is configured for this channel");
  auto contact = choose_contact(work, request, contacts, held.state, history, *service);
  if (!contact) return fail(contact.error());
  if (!work.tx.take(address_key(work.caller.account, contact->address_id))) {
    contacts = read_contacts();
    contact = choose_contact(work, request, contacts, held.state, history, *service);
    if (!contact) return fail(contact.error());
  }
  if (auto locked = lock_fault(guard_of(*contact, false).state.failures, work.moment.now))
    return fail(*std::move(locked));

  SentSoFar sent;
  if (!is_new) sent = sent_so_far(work, held, contacts, *contact, !wanted);
  std::vector<delivery::ChannelOfLine> channels;
  if (!wanted) {
    const auto of_line = contacts_of_line(contacts, *contact, *service, policy, work.moment.now);
    if (of_line.empty())
      return refuse(Code::kMethodNotAllowed, "the policy accepts, or the service has, no channel of this line");
    auto choice = choose_on_line(work, *service, of_line, sent.pending, policy.display_required);
    if (!choice) return fail(choice.error());
    contact = std::move(choice->contact);
    provider = choice->provider;
    channels = std::move(choice->channels);
  } else if (service->has_choice(*wanted) || (sent.pending && sent.pending->state.channel != *wanted)) {
    const auto address = store::open_address(work.context.vault, *contact);
    provider = provider_for_start(work.context, *service, *wanted, address.expose(), sent.pending);
    const bool other_maker = sent.pending && sent.pending->state.code && provider->checks_codes;
    if (other_maker && sent.pending->state.channel != *wanted) {
      // Two makers of codes never meet in one verification.
      sent.others =
          domain::together(sent.others.value_or(domain::SentBefore{}), domain::sendings_of(sent.pending->state));
      sent.pending.reset();
    }
    if (sent.pending) sent.pending->provider = provider->name;
  }
  if (sent.pending && (!wanted || sent.pending->state.contact != contact->id))
    sent.pending = by_contact(*std::move(sent.pending), *contact, *provider);
  SendTerms terms{*service, account.limits, *provider, std::move(sent.pending), {}, {}};
  terms.sent_before = sent.others;
  terms.channels = std::move(channels);
  terms.display_required = policy.display_required;
  terms.worked = request.worked;
  return send_code(work, held, *std::move(contact), std::move(terms));
}

}  // namespace

Answer<Started> start_verification(const Work& work, const StartRequest& request) {
  std::optional<store::Beside> beside;
  if (!work.context.settings.account(work.caller.account).checks_elsewhere(request.channel)) beside.emplace(work.tx);
  auto found = open_to_send(work, request.transaction);
  if (!found) return fail(found.error());
  store::TransactionRow& held = (*found)->row;
  const auto history = take_history(work.tx, work.context, held);
  const auto read_contacts = [&] {
    auto again = store::find_transaction_to_send(work.tx, work.caller.account, request.transaction);
    return again ? std::move(again->contacts) : Contacts{};
  };
  auto started = start_in(work, held, std::move((*found)->contacts), read_contacts, history, request, false);
  if (started) store::save_verifications(work.tx, held);
  return started;
}

Answer<Started> start_with_hold(const Work& work, store::TransactionRow& held, const domain::standing::History& history,
                                const contact::Wanted& channel) {
  const auto read_contacts = [&] { return store::contacts_of(work.tx, work.caller.account, held.state.subject); };
  return start_in(work, held, read_contacts(), read_contacts, history, {held.state.id, channel, std::nullopt}, true);
}

}  // namespace countersign::usecase
