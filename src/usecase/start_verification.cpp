#include "usecase/start_verification.h"

#include <fmt/format.h>

#include "contact/masking.h"
#include "domain/message.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/allowance.h"
#include "usecase/contacts.h"
#include "usecase/gate.h"
#include "usecase/journal.h"

namespace countersign::usecase {

namespace {

/// The contact that was asked for. Another subject's is not found, however well its id is known.
Answer<store::ContactRow> choose_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                         const StartRequest& request, const SubjectId& subject,
                                         const ServiceSettings& service) {
  if (!request.contact) {
    auto newest = store::newest_contact(tx, caller.account, subject, request.channel);
    if (!newest)
      return refuse(Code::kNoContact, fmt::format("the subject has no {} contact", contact::to_text(request.channel)));
    return *std::move(newest);
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
  return *std::move(found);
}

/// The verification of that contact which can be sent again, if there is one.
std::optional<store::VerificationRow> pending_for(store::Tx& tx, const Caller& caller, const StartRequest& request,
                                                  const ContactId& contact, WallTime now) {
  for (auto& row : store::verifications_of(tx, caller.account, request.transaction)) {
    if (row.state.contact == contact && domain::status_at(row.state, now) == domain::VerificationStatus::kPending) {
      return std::move(row);
    }
  }
  return std::nullopt;
}

std::optional<Problem> resend_fault(const domain::Verification& v, const Limits& limits, WallTime now) {
  if (v.sends >= limits.sends_max) {
    return Problem{Code::kSendsExhausted, "this code was sent as often as allowed", "", v.expires_at - now};
  }
  const WallTime from = v.last_sent_at + domain::resend_wait(limits.resend_waits, v.sends);
  if (now < from) return Problem{Code::kResendTooSoon, "the code was sent a moment ago", "", from - now};
  return std::nullopt;
}

store::VerificationRow fresh_verification(const store::TransactionRow& held, const store::ContactRow& contact,
                                          const Road& road, const ServiceSettings& service, Moment& moment) {
  store::VerificationRow row;
  row.state.id = VerificationId::make(moment);
  row.state.account = held.state.account;
  row.state.transaction = held.state.id;
  row.state.contact = contact.id;
  row.state.channel = contact.channel;
  row.state.created_at = moment.now;
  row.state.expires_at = std::min(moment.now + service.code_ttl, held.state.expires_at);
  row.provider = road.provider;
  return row;
}

delivery::OutgoingMessage our_message(const Context& context, const store::TransactionRow& held,
                                      const ServiceSettings& service, contact::Channel channel,
                                      const std::string& address, const SecretString& code, const MessageId& id,
                                      WallTime valid_until, WallTime now) {
  const auto display = store::open_display(context.vault, held);
  const auto minutes = std::max<std::int64_t>(1, std::chrono::floor<std::chrono::minutes>(valid_until - now).count());
  const domain::MessageParts parts{service.friendly_name, held.locale, service.origin_host, static_cast<int>(minutes)};
  delivery::OutgoingMessage message;
  message.id = id;
  message.channel = channel;
  message.to = address;
  if (channel == contact::Channel::kEmail) message.subject = domain::code_subject(display, code.expose(), parts);
  message.body = domain::code_message(channel, display, code.expose(), parts).expose();
  message.code = code;
  message.locale = held.locale;
  message.expires_at = valid_until;
  message.status_callback_url =
      fmt::format("{}/callbacks/twilio/{}/{}", context.settings.public_url, held.state.account.text(), id.text());
  return message;
}

delivery::VerificationStart their_start(const Context& context, const store::TransactionRow& held,
                                        const ServiceSettings& service, contact::Channel channel,
                                        const std::string& address, const MessageId& id) {
  const auto display = store::open_display(context.vault, held);
  delivery::VerificationStart start;
  start.id = id;
  start.channel = channel;
  start.to = address;
  start.locale = held.locale;
  if (display.amount && !display.payee.empty()) {
    start.amount = domain::format_amount(*display.amount, held.locale);
    start.payee = display.payee;
  }
  start.friendly_name = service.friendly_name;
  return start;
}

}  // namespace

Answer<Started> start_verification(store::Tx& tx, const Context& context, const Caller& caller,
                                   const StartRequest& request, Moment& moment) {
  auto held = open_transaction(tx, caller, request.transaction, moment.now);
  if (!held) return fail(held.error());
  const auto& account = context.settings.account(caller.account);
  const ServiceSettings* service = account.service(held->state.service);
  const Road* road = service == nullptr ? nullptr : service->road(request.channel);
  if (!held->state.policy.any_of.contains(domain::method_of(request.channel))) {
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept this channel");
  }
  if (road == nullptr) return refuse(Code::kChannelUnavailable, "no provider is configured for this channel");
  auto contact = choose_contact(tx, context, caller, request, held->state.subject, *service);
  if (!contact) return fail(contact.error());
  if (auto locked = lock_fault(contact->failures, moment.now)) return fail(*std::move(locked));

  auto pending = pending_for(tx, caller, request, contact->id, moment.now);
  if (pending) {
    if (auto fault = resend_fault(pending->state, account.limits, moment.now)) return fail(*std::move(fault));
  }
  const SecretString address = store::open_address(context.vault, *contact);
  if (const auto counted =
          count_send(tx, context.vault, caller, account.limits, *contact, address.expose(), moment.now);
      !counted) {
    return fail(counted.error());
  }

  const bool again = pending.has_value();
  store::VerificationRow row =
      again ? *std::move(pending) : fresh_verification(*held, *contact, *road, *service, moment);
  const auto rules = rules_of(account.limits, *service);
  const auto message_id = MessageId::make(moment);
  QueuedMessage queued{caller.account, message_id, held->state.id,       row.state.id,
                       row.provider,   1,          row.state.expires_at, {}};
  if (road->checks_codes) {
    row.state = domain::with_new_code(std::move(row.state), std::nullopt, rules, moment.now);
    queued.content = their_start(context, *held, *service, request.channel, address.expose(), message_id);
  } else {
    const SecretString code(moment.random.digits(static_cast<std::size_t>(service->code_length)));
    row.state = domain::with_new_code(std::move(row.state),
                                      digest_of(context.vault, *held, row.state.id, code.expose()), rules, moment.now);
    queued.expires_at = row.state.code->valid_until;
    queued.content = our_message(context, *held, *service, request.channel, address.expose(), code, message_id,
                                 queued.expires_at, moment.now);
  }
  row.send_fault.reset();
  if (again)
    store::save_verification(tx, row);
  else
    store::insert_verification(tx, row);

  // Leased to this node from the start: the courier gets it after the commit, and if this node dies it comes due.
  store::insert_message(tx, {caller.account, message_id, held->state.id, row.state.id, request.channel, row.provider,
                             seal_content(context.vault, message_id, queued.content, moment.random), 1,
                             moment.now + context.settings.message_lease, context.settings.node, queued.expires_at});
  record(tx, context, caller, again ? "verification.resent" : "verification.started", held->state,
         Facts()
             .text("verification", row.state.id.text())
             .text("channel", contact::to_text(request.channel))
             .text("contact", contact->id.text())
             .number("send", row.state.sends),
         moment);
  return Started{row.state.id,         message_id,
                 request.channel,      contact::mask_contact(address.expose()),
                 row.state.sends,      rules.attempts_max - row.state.attempts,
                 row.state.expires_at, moment.now + domain::resend_wait(account.limits.resend_waits, row.state.sends),
                 std::move(queued)};
}

}  // namespace countersign::usecase
