#include "usecase/send_code.h"

#include <fmt/format.h>

#include "base/test_account.h"
#include "base/trace.h"
#include "contact/masking.h"
#include "store/repository/sendings.h"
#include "usecase/allowance.h"
#include "usecase/gate.h"
#include "usecase/guessing.h"
#include "usecase/journal.h"
#include "usecase/tally.h"
#include "usecase/test_mode/outcomes.h"
#include "usecase/upstream.h"
#include "usecase/wording.h"

namespace countersign::usecase {

namespace {

/// All sendings to the line that nobody has answered, by whichever channel.
SentBefore unanswered(const SendTerms& terms) {
  SentBefore all = terms.sent_before.value_or(SentBefore{});
  if (terms.pending) {
    all.sends += terms.pending->state.sends;
    all.last_sent_at = std::max(all.last_sent_at, terms.pending->state.last_sent_at);
  }
  return all;
}

std::optional<Problem> resend_fault(const SendTerms& terms, const SentBefore& before, WallTime now) {
  if (terms.pending && before.sends >= terms.limits.sends_max) {
    return Problem{Code::kSendsExhausted, "this code was sent as often as allowed", "",
                   terms.pending->state.expires_at - now};
  }
  const WallTime from = before.last_sent_at + domain::resend_wait(terms.limits.resend_waits, before.sends);
  if (before.sends > 0 && now < from)
    return Problem{Code::kResendTooSoon, "the code was sent a moment ago", "", from - now};
  return std::nullopt;
}

store::VerificationRow fresh_verification(const store::TransactionRow& held, const store::ContactRow& contact,
                                          const Road& road, const ServiceSettings& service, Moment& moment) {
  store::VerificationRow row;
  row.state.id = held.type == store::kCodeAlone ? VerificationId{held.state.id.id} : VerificationId::make(moment);
  row.state.account = held.state.account;
  row.state.transaction = held.state.id;
  row.state.contact = contact.id;
  row.state.channel = contact.channel;
  row.state.created_at = moment.now;
  row.state.expires_at = std::min(moment.now + service.code_ttl, held.state.expires_at);
  row.provider = road.provider;
  return row;
}

delivery::OutgoingMessage our_message(const Context& context, const store::TransactionRow& held, const SendTerms& terms,
                                      const store::ContactRow& contact, const std::string& address,
                                      const SecretString& code, const MessageId& id, WallTime valid_until) {
  delivery::OutgoingMessage message;
  message.id = id;
  message.channel = contact.channel;
  message.to = address;
  message.code = code;
  message.locale = terms.service.locale_or(held.locale);
  message.expires_at = valid_until;
  message.status_callback_url =
      fmt::format("{}/callbacks/twilio/{}/{}", context.settings.public_url, held.state.account.text(), id.text());
  return message;
}

SecretString new_code(const AccountId& account, std::string_view address, int length, Random& random) {
  const auto digits = static_cast<std::size_t>(length);
  if (is_test(account) && has_fixed_code(address)) return SecretString(std::string(digits, '0'));
  return SecretString(random.digits(digits));
}

delivery::VerificationStart their_start(const Context& context, const store::TransactionRow& held,
                                        const SendTerms& terms, contact::Channel channel, const std::string& address,
                                        const MessageId& id) {
  delivery::VerificationStart start;
  start.id = id;
  start.channel = channel;
  start.to = address;
  start.locale = terms.service.locale_or(held.locale);
  start.amount = terms.amount;
  start.payee = terms.payee;
  start.friendly_name = terms.service.friendly_name;
  if (held.type == store::kCodeAlone) return start;
  const auto display = store::open_display(context.vault, held);
  if (display.amount && !display.payee.empty()) {
    start.amount = domain::format_amount(*display.amount, start.locale);
    start.payee = display.payee;
  }
  return start;
}

}  // namespace

Answer<Started> send_code(store::Tx& tx, const Context& context, const Caller& caller,
                          const store::TransactionRow& held, store::ContactRow contact, SendTerms terms,
                          Moment& moment) {
  const bool code_alone = held.type == store::kCodeAlone;
  const SentBefore before = unanswered(terms);
  if (auto fault = resend_fault(terms, before, moment.now)) return fail(*std::move(fault));
  const Guard guard = terms.deliver ? guard_of(contact, code_alone) : Guard{};
  if (auto fault = slow_fault(guard, terms.limits, moment.now)) return fail(*std::move(fault));
  const SecretString address = store::open_address(context.vault, contact);
  const auto place = find_upstream_place(tx, context, caller, terms.road, terms.limits, contact, address.expose(),
                                         terms.pending, moment.now);
  if (!place) return fail(place.error());
  if (const auto counted =
          count_send(tx, context, caller, terms.limits, contact, address.expose(), code_alone, moment.now);
      !counted) {
    return fail(counted.error());
  }
  if (domain::is_slowed(guard.state, terms.limits.failures)) {
    Guard next = guard;
    next.state.slow_send_at = moment.now;
    store::save_guard(tx, caller.account, contact, next.whose, next.state);
  }

  const bool again = terms.pending.has_value();
  store::VerificationRow row =
      again ? *std::move(terms.pending) : fresh_verification(held, contact, terms.road, terms.service, moment);
  auto rules = rules_of(terms.limits, terms.service);
  rules.attempts_max = attempts_for(guard, terms.limits);
  const auto message_id = MessageId::make(moment);
  QueuedMessage queued{
      caller.account, message_id, held.state.id, row.state.id, row.provider, 1, row.state.expires_at, {}, {}};
  queued.start_before = moment.now + context.settings.hand_over_within;
  std::optional<Superseded> superseded;
  if (*place) {
    row.state = domain::with_new_code(std::move(row.state), std::nullopt, rules, moment.now);
    auto start = their_start(context, held, terms, contact.channel, address.expose(), message_id);
    superseded = take_upstream_place(tx, context, caller, **place, contact, row, start, moment);
    queued.content = std::move(start);
  } else {
    const SecretString code =
        terms.code ? *terms.code
                   : new_code(caller.account, address.expose(),
                              code_length_for(guard, terms.limits, terms.service, moment.now), moment.random);
    row.state = domain::with_new_code(std::move(row.state), digest_of(context.vault, held, row.state.id, code.expose()),
                                      rules, moment.now);
    queued.expires_at = row.state.code->valid_until;
    auto message = our_message(context, held, terms, contact, address.expose(), code, message_id, queued.expires_at);
    if (terms.text) {
      CodeText text = terms.text(code, minutes_left(queued.expires_at, moment.now));
      message.subject = std::move(text.subject);
      message.body = std::move(text.body);
    } else {
      queued.wording = Wording{held.state.service, held.display_sealed};
    }
    queued.content = std::move(message);
  }
  queued.service = held.state.service;
  trace::remember(message_id.text());
  if (!again) {
    count(tx, context, caller.account, held.state.service,
          [address, channel = contact.channel](Tally& tally, const Tally::Place& where) {
            tally.on_started(where, channel, country_of(address.expose()));
          });
  }
  row.send_fault.reset();
  if (again)
    store::save_verification(tx, row);
  else if (code_alone)
    store::insert_verification(tx, row, store::first_sending({message_id, contact.channel, moment.now}));
  else
    store::insert_verification(tx, row);

  // Leased to this node from the start: the courier gets it after the commit, and if this node dies it comes due. One
  // of a test account is due at once: no courier gets it (usecase/test_mode/work.h).
  const bool test = is_test(caller.account);
  store::insert_message(
      tx, {caller.account, message_id, held.state.id, row.state.id, contact.channel, row.provider,
           seal_content(context.vault, message_id, queued.content, moment.random), test ? 0 : 1,
           test ? moment.now : moment.now + context.settings.lease(), context.settings.node, queued.expires_at});
  if (!terms.deliver)
    store::finish_message(tx, caller.account, message_id, store::MessageStatus::kDelivered, std::nullopt, std::nullopt,
                          moment.now);
  record(tx, context, caller, again ? "verification.resent" : "verification.started", held.state,
         Facts()
             .text("verification", row.state.id.text())
             .text("channel", contact::to_text(contact.channel))
             .text("contact", contact.id.text())
             .number("send", row.state.sends),
         moment);
  return Started{row.state.id,
                 message_id,
                 contact.channel,
                 contact::mask_contact(address.expose()),
                 row.state.sends,
                 domain::guesses_left(row.state, rules, moment.now),
                 row.state.expires_at,
                 moment.now + domain::resend_wait(terms.limits.resend_waits, before.sends + 1),
                 std::move(queued),
                 std::move(row),
                 superseded};
}

}  // namespace countersign::usecase
