#include "usecase/verification/send.h"

#include "base/test_account.h"
#include "base/trace.h"
#include "contact/masking.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/gateway_report.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/risk/sending.h"
#include "usecase/tally.h"
#include "usecase/test_mode/outcomes.h"
#include "usecase/verification/allowance.h"
#include "usecase/verification/code_terms.h"
#include "usecase/verification/guessing.h"
#include "usecase/verification/message_text.h"
#include "usecase/verification/upstream.h"

namespace countersign::usecase {

namespace {

bool is_standalone(const store::TransactionRow& held) { return held.state.purpose == domain::Purpose::kStandaloneCode; }

/// All unanswered sends to the line, on any channel.
domain::SentBefore unanswered(const SendTerms& terms) {
  const auto others = terms.sent_before.value_or(domain::SentBefore{});
  return terms.pending ? domain::together(others, domain::sendings_of(terms.pending->state)) : others;
}

std::optional<Problem> resend_fault(const SendTerms& terms, const domain::SentBefore& before, WallTime now) {
  const auto& waits = terms.limits.resend_waits;
  const auto rules = rules_of(terms.limits, terms.service);
  const auto why_not = domain::why_not_sent(before, terms.pending.has_value(), rules, waits, now);
  if (why_not == domain::NotSent::kSendsSpent) {
    return Problem{Code::kSendsExhausted, "this code was sent as often as allowed", "",
                   terms.pending->state.expires_at - now};
  }
  if (why_not)
    return Problem{Code::kResendTooSoon, "the code was sent a moment ago", "",
                   domain::next_send_at(before, waits) - now};
  return std::nullopt;
}

store::VerificationRow fresh_verification(const store::TransactionRow& held, const store::ContactRow& contact,
                                          const ChannelProvider& provider, const ServiceSettings& service,
                                          Moment& moment) {
  store::VerificationRow row;
  row.state.id = is_standalone(held) ? VerificationId{held.state.id.id} : VerificationId::make(moment);
  row.state.account = held.state.account;
  row.state.transaction = held.state.id;
  row.state.contact = contact.id;
  row.state.channel = contact.channel;
  row.state.created_at = moment.now;
  row.state.expires_at = std::min(moment.now + service.code_ttl, held.state.expires_at);
  row.provider = provider.name;
  return row;
}

/// Where a message goes.
struct Addressed {
  MessageId id;
  contact::Channel channel;
  std::string to;
};

/// Without its code.
delivery::OutgoingMessage our_message(const Context& context, const store::TransactionRow& held, const SendTerms& terms,
                                      const Addressed& addressed) {
  delivery::OutgoingMessage message;
  message.id = addressed.id;
  message.channel = addressed.channel;
  message.to = addressed.to;
  message.locale = terms.service.locale_or(held.locale);
  if (terms.channels.size() > 1) message.channels = terms.channels;
  message.display_required = terms.display_required;
  message.status_callback_url = status_callback_url(context, held.state.account, addressed.id, terms.provider);
  return message;
}

SecretString new_code(const AccountId& account, std::string_view address, int length, Random& random) {
  const auto digits = static_cast<std::size_t>(length);
  if (is_test(account) && has_fixed_code(address)) return SecretString(std::string(digits, '0'));
  return SecretString(random.digits(digits));
}

/// As counters have it.
std::string asker_index(const Work& work) {
  if (!work.caller.end_user) return {};
  return work.context.vault.digester().blind_index("ip", work.caller.end_user->limit_key());
}

CodeToSend code_to_send(const store::TransactionRow& held, const store::ContactRow& contact, std::string_view address,
                        std::string_view asked_by, const SendTerms& terms) {
  CodeToSend code{held.state.service, held.state.id, contact.subject, contact.channel, address, asked_by};
  code.proved = contact.line_proved;
  code.type = held.type;
  code.given_at = contact.known_since;
  if (terms.is_safe_listed) code.is_safe_listed = terms.is_safe_listed;
  code.risk_check_disabled = terms.risk_check_disabled;
  code.worked = terms.worked;
  return code;
}

delivery::VerificationStart their_start(const Context& context, const store::TransactionRow& held,
                                        const SendTerms& terms, const Addressed& addressed) {
  delivery::VerificationStart start;
  start.id = addressed.id;
  start.channel = addressed.channel;
  start.to = addressed.to;
  start.locale = terms.service.locale_or(held.locale);
  start.amount = terms.amount;
  start.payee = terms.payee;
  start.friendly_name = terms.service.friendly_name;
  if (is_standalone(held)) return start;
  const auto display = store::open_display(context.vault, held);
  if (display.amount && !display.payee.empty()) {
    start.amount = domain::format_amount(*display.amount, start.locale);
    start.payee = display.payee;
  }
  return start;
}

}  // namespace

Answer<Started> send_code(const Work& work, store::TransactionRow& held, store::ContactRow contact, SendTerms terms) {
  const bool standalone = is_standalone(held);
  if (auto fault = terms.deliver ? obstacle_fault(contact, work.moment.now) : std::nullopt)
    return fail(*std::move(fault));
  const auto before = unanswered(terms);
  if (auto fault = resend_fault(terms, before, work.moment.now)) return fail(*std::move(fault));
  const Guard guard = terms.deliver ? guard_of(contact, standalone) : Guard{};
  if (auto fault = slow_fault(guard, terms.limits, work.moment.now)) return fail(*std::move(fault));
  const SecretString address = store::open_address(work.context.vault, contact);
  const auto place = find_upstream_place(work, terms.provider, terms.limits, contact, address.expose(), terms.pending);
  if (!place) return fail(place.error());
  std::optional<Outlay> outlay;
  if (terms.deliver) outlay = Outlay{held.state.service, contact.channel, terms.provider.name, contact.line_proved};
  const std::string asked_by = asker_index(work);
  std::optional<DecidedSend> decided;
  if (terms.deliver) {
    auto decision = decide_send(work, code_to_send(held, contact, address.expose(), asked_by, terms));
    if (!decision) return fail(decision.error());
    decided = *std::move(decision);
  }
  if (const auto counted = count_send(work, terms.limits, contact, address.expose(), {asked_by, standalone}, outlay);
      !counted) {
    if (decided) decided->drop(work);
    return fail(counted.error());
  }
  if (const auto next = domain::after_send(guard.state, terms.limits.failures, work.moment.now))
    store::save_guard(work.tx, work.caller.account, contact, guard.whose, *next);

  const bool again = terms.pending.has_value();
  store::VerificationRow row =
      again ? *std::move(terms.pending) : fresh_verification(held, contact, terms.provider, terms.service, work.moment);
  auto rules = rules_of(terms.limits, terms.service);
  rules.attempts_max = attempts_for(guard, terms.limits);
  if (decided) decided->count(work, row.state.id);
  const auto message_id = MessageId::make(work.moment);
  QueuedMessage queued{
      work.caller.account, message_id, held.state.id, row.state.id, row.provider, 1, row.state.expires_at, {}, {}};
  queued.start_before = work.moment.now + work.context.settings.hand_over_within;
  const Addressed addressed{message_id, contact.channel, address.expose()};
  std::optional<Superseded> superseded;
  if (*place) {
    row.state = domain::with_new_code(std::move(row.state), std::nullopt, rules, work.moment.now);
    auto start = their_start(work.context, held, terms, addressed);
    superseded = take_upstream_place(work, **place, contact, held, row, start);
    queued.content = std::move(start);
  } else {
    const SecretString code =
        terms.code ? *terms.code
                   : new_code(work.caller.account, address.expose(),
                              code_length_for(guard, terms.limits, terms.service, work.moment.now), work.moment.random);
    row.state = domain::with_new_code(
        std::move(row.state), digest_of(work.context.vault, held, row.state.id, code.expose()), rules, work.moment.now);
    queued.expires_at = row.state.code->valid_until;
    auto message = our_message(work.context, held, terms, addressed);
    message.code = code;
    message.expires_at = queued.expires_at;
    if (terms.text) {
      const int minutes = minutes_left(queued.expires_at, work.moment.now);
      CodeText text = terms.text(contact.channel, code, minutes);
      message.subject = std::move(text.subject);
      message.body = std::move(text.body);
      for (auto& other : message.channels) other.body = terms.text(other.channel, code, minutes).body;
    } else {
      queued.text_source = TextSource{held.state.service, held.display_sealed};
    }
    queued.content = std::move(message);
  }
  queued.service = held.state.service;
  queued.send = row.state.sends;
  if (outlay) queued.paid = {price_of(work.context, work.caller.account, *outlay, address.expose()), 0, outlay->proved};
  if (contact.line_proved && !standalone && work.caller.end_user)
    queued.teacher = Teacher{contact.subject, contact.address_id, *work.caller.end_user};
  trace::remember(message_id.text());
  if (!again) {
    count(work.tx, work.context, work.caller.account, held.state.service,
          [address, channel = contact.channel](Tally& tally, const Tally::Place& where) {
            tally.on_started(where, channel, country_of(address.expose()));
          });
  }
  row.send_fault.reset();
  if (standalone || row.is_of_line() || !terms.channels.empty())
    row.sendings.push_back({message_id, contact.channel, work.moment.now});
  store::put_verification(work.tx, held, row);

  // Leased to this node from the start: the courier gets it after the commit; if this node dies, it becomes due. A
  // message of a test account is due at once: no courier sends it (usecase/test_mode/work.h).
  const bool test = is_test(work.caller.account);
  store::insert_message(
      work.tx, {work.caller.account, message_id, held.state.id, row.state.id, contact.channel, row.provider,
                seal_content(work.context.vault, message_id, queued.content, work.moment.random), test ? 0 : 1,
                test ? work.moment.now : work.moment.now + work.context.settings.lease(), work.context.settings.node,
                queued.expires_at});
  if (!terms.deliver)
    store::finish_message(work.tx, work.caller.account, message_id, store::MessageStatus::kDelivered, std::nullopt,
                          std::nullopt, work.moment.now);
  record(work, again ? "verification.resent" : "verification.started", held.state,
         Facts()
             .text("verification", row.state.id.text())
             .text("channel", contact::to_text(contact.channel))
             .text("contact", contact.id.text())
             .number("send", row.state.sends));
  return Started{row.state.id,
                 message_id,
                 contact.channel,
                 contact::mask_contact(address.expose()),
                 row.state.sends,
                 domain::guesses_left(row.state, rules, work.moment.now),
                 row.state.expires_at,
                 work.moment.now + domain::resend_wait(terms.limits.resend_waits, before.sends + 1),
                 std::move(queued),
                 std::move(row),
                 terms.provider.shows_display(contact.channel),
                 superseded};
}

}  // namespace countersign::usecase
