#include "usecase/outbox/work_messages.h"

#include <algorithm>

#include "delivery/backoff.h"
#include "store/repository/contacts.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/audit_log.h"
#include "usecase/keys.h"
#include "usecase/outbox/carrier.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/spending/outlay.h"
#include "usecase/tally.h"
#include "usecase/verification/upstream.h"

namespace countersign::usecase {

namespace {

using contact::DeliveryReason;
using contact::DeliveryStage;

/// Error code of a waiting message that a provider may have accepted anyway. It stays until the message ends.
constexpr std::string_view kDoubtful = "doubtful";

/// When a message is looked at again that waits because spending is stopped.
constexpr auto kStoppedFor = std::chrono::seconds(5);

bool is_for_verifier(const QueuedMessage& message) {
  return std::holds_alternative<delivery::VerificationStart>(message.content);
}

/// Placeholder for content that is deleted or cannot be read.
MessageContent nothing_by(contact::Channel channel) {
  delivery::OutgoingMessage gone{};
  gone.channel = channel;
  return gone;
}

contact::Channel channel_of(const QueuedMessage& message) {
  return std::visit([](const auto& content) { return content.channel; }, message.content);
}

/// Empty if it is no longer known.
const std::string& address_of(const QueuedMessage& message) {
  return std::visit([](const auto& content) -> const std::string& { return content.to; }, message.content);
}

void note_failure(store::Tx& tx, const Context& context, const QueuedMessage& message, std::string_view fault,
                  std::string_view provider_code, Moment& moment) {
  domain::Transaction about;
  about.id = message.transaction;
  // If the transaction cannot be read either, the event has only its id, and nobody can be shown the fault.
  static_cast<void>(store::why_unreadable(
      [&] { store::set_send_fault(tx, message.account, message.transaction, message.verification, fault); }));
  static_cast<void>(store::why_unreadable([&] {
    if (const auto row = store::find_transaction(tx, message.account, message.transaction)) about = row->state;
  }));
  const std::string country = country_of(address_of(message));
  count(tx, context, message.account, about.service,
        [country, channel = channel_of(message), provider = message.provider, fault = std::string(fault)](
            Tally& tally, const Tally::Place& place) {
          tally.on_message_failed(place, provider, channel, country, fault);
        });
  const Caller system{message.account, "system", "", std::nullopt};
  record({tx, context, system, moment}, "message.failed", about,
         Facts()
             .text("message", message.id.text())
             .text("verification", message.verification.text())
             .text("provider", message.provider)
             .text("fault", fault)
             .text("provider_code", provider_code));
}

void fail_message(store::Tx& tx, const Context& context, const QueuedMessage& message, std::string_view fault,
                  std::string_view provider_code, DeliveryReason reason, Moment& moment) {
  const std::string code(provider_code.empty() ? fault : provider_code);
  if (!store::fail_message(tx, message.account, message.id, code, reason, moment.now, tries_text(message.tries)))
    return;
  note_failure(tx, context, message, fault, provider_code, moment);
  note_end(tx, context,
           {message.account,
            message.id,
            message.transaction,
            message.verification,
            channel_of(message),
            {DeliveryStage::kFailed, reason},
            true},
           moment);
}

/// No budget has room for a further try.
void end_over_budget(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment) {
  fail_message(tx, context, message, delivery::name_of(delivery::Fault::kRateLimited), "over_budget",
               DeliveryReason::kRejected, moment);
}

/// The line's contact by the message's channel, where the application gave it; nullopt: it is made when it is needed.
std::optional<ContactId> given_contact(const delivery::OutgoingMessage& ours) {
  const auto own = std::ranges::find(ours.channels, ours.channel, &delivery::ChannelOfLine::channel);
  return own == ours.channels.end() ? std::nullopt : own->contact;
}

bool accepts_code(const store::TransactionRow& held, const std::optional<store::VerificationRow>& row, WallTime now) {
  const bool standalone = held.state.purpose == domain::Purpose::kStandaloneCode;
  if (!standalone && domain::status_at(held.state, now) != domain::TransactionStatus::kHeld) return false;
  return row && domain::status_at(row->state, now) == domain::VerificationStatus::kPending;
}

/// Loads the service, and the text source if the message was queued without text. False if that is gone, or nobody
/// waits for the code any more.
bool find_text_source(store::Tx& tx, QueuedMessage& message, WallTime now) {
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  std::optional<store::TransactionRow> held;
  const auto find = [&] { held = store::find_transaction(tx, message.account, message.transaction); };
  const bool has_text = ours == nullptr || !ours->body.empty();
  if (has_text)
    static_cast<void>(store::why_unreadable(find));  // Only the service is needed, for the metrics.
  else
    find();
  bool waited_for = true;  // What cannot be read is not judged.
  if (held) {
    message.service = held->state.service;
    static_cast<void>(store::why_unreadable([&] {
      const auto row = store::find_verification(tx, *held, message.verification);
      if (row) message.send = row->state.sends;
      waited_for = accepts_code(*held, row, now);
    }));
  }
  if (!waited_for) return false;
  if (has_text) return true;
  if (held) message.text_source = TextSource{held->state.service, std::move(held->display_sealed)};
  return held.has_value();
}

}  // namespace

bool is_waited_for(store::Tx& tx, const store::TransactionRow& held, const VerificationId& verification, WallTime now) {
  return accepts_code(held, store::find_verification(tx, held, verification), now);
}

store::Leased<QueuedMessage> lease_due_messages(store::Tx& tx, const Context& context, int limit, Moment& moment) {
  auto leased =
      store::lease_messages(tx, moment.now, moment.now + context.settings.lease(), context.settings.node, limit);
  store::Leased<QueuedMessage> due{{}, std::move(leased.set_aside)};
  for (auto& row : leased.jobs) {
    QueuedMessage message{row.account,
                          row.id,
                          row.transaction,
                          row.verification,
                          row.provider,
                          row.attempts,
                          row.expires_at,
                          {},
                          {},
                          moment.now + context.settings.hand_over_within,
                          row.error_code == kDoubtful};
    message.content = nothing_by(row.channel);
    message.tries = parse_tries(row.tries);
    bool may_go = false;
    bool stopped = false;
    bool paid = true;
    const auto why = store::why_unreadable([&] {
      message.content = open_content(context.vault, row.id, row.content_sealed);
      // It may have gone on by another channel since it was stored.
      if (auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content)) go_by_channel(*ours, row.channel);
      const bool waited_for = delivery::is_worth_sending(message.made_at(), message.expires_at, moment.now) &&
                              find_text_source(tx, message, moment.now);
      stopped = waited_for && is_stopped(context, message);
      may_go =
          waited_for && !stopped &&
          (!is_for_verifier(message) || begin_upstream_call(tx, context, message, message.start_before, moment.now));
      // The first try was counted when it was decided.
      paid = !may_go || row.attempts <= 1 || pay_for_retry(tx, context, message, moment.now);
    });
    if (why) {
      store::set_message_aside(tx, row.account.bytes(), row.id.bytes(), moment.now);
      note_failure(tx, context, message, delivery::name_of(delivery::Fault::kMisconfigured), "unreadable", moment);
      due.set_aside.push_back({"messages", std::string(row.account.bytes()).append(row.id.bytes()), *why});
    } else if (stopped) {
      store::give_message_back(tx, message.account, message.id, row.due_at, moment.now + kStoppedFor);
    } else if (!paid) {
      if (is_for_verifier(message)) end_upstream_call(tx, context, message, std::nullopt, moment);
      end_over_budget(tx, context, message, moment);
    } else if (may_go) {
      report_to_own_address(context, message);  // It may have gone on to another provider since it was stored.
      due.jobs.push_back(std::move(message));
    } else {
      expire_message(tx, context, message, moment);
    }
  }
  return due;
}

void give_back(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment) {
  if (is_for_verifier(message)) end_upstream_call(tx, context, message, std::nullopt, moment);
  const WallTime leased_until = message.start_before + context.settings.longest_call;
  store::give_message_back(tx, message.account, message.id, leased_until, moment.now);
}

bool may_use_channel(store::Tx& tx, const QueuedMessage& message) {
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  const auto contact = ours == nullptr ? std::nullopt : given_contact(*ours);
  return !contact || store::find_contact(tx, message.account, *contact).has_value();
}

void follow_channel(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment) {
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  if (ours == nullptr) return;
  if (ours->channels.empty())
    return store::set_provider(tx, message.account, message.transaction, message.verification, message.provider);
  auto held = store::find_transaction(tx, message.account, message.transaction);
  auto row = held ? store::find_verification(tx, *held, message.verification) : std::nullopt;
  if (!row || domain::status_at(row->state, moment.now) != domain::VerificationStatus::kPending) return;
  const domain::Sending turn{message.id, ours->channel, moment.now};
  const auto messages = domain::messages_in(row->sendings);
  const auto last = std::ranges::find(messages, message.id, &domain::Sending::message);
  if (last == messages.end() || last->channel != turn.channel)
    row->sendings = domain::gone_on(std::move(row->sendings), turn);
  if (row->sendings.back().message == message.id) {  // Not where she has asked again since.
    auto contact = given_contact(*ours);
    const auto& of = held->state;
    if (!contact)
      contact = store::ensure_contact(tx, context.vault,
                                      {of.account, of.subject, of.service, ours->channel, ours->to, ours->to}, moment)
                    .id;
    row->state = domain::by_channel(std::move(row->state), *contact, ours->channel);
    row->provider = message.provider;
  }
  store::put_verification(tx, *held, *row);
  store::save_verifications(tx, *held);
  if (last != messages.end() && last->channel == turn.channel) return;
  const Caller system{message.account, "system", "", std::nullopt};
  record({tx, context, system, moment}, "verification.rerouted", held->state,
         Facts()
             .text("verification", message.verification.text())
             .text("message", message.id.text())
             .text("channel", contact::to_text(turn.channel))
             .text("provider", message.provider));
}

bool move(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment) {
  const WallTime leased_until = message.start_before + context.settings.longest_call;
  if (!may_use_channel(tx, message)) return false;
  if (!pay_for_move(tx, context, message, moment.now)) {
    end_over_budget(tx, context, message, moment);
    return false;
  }
  if (!store::move_message(tx, message.account, message.id, leased_until, message.channel(), message.provider,
                           tries_text(message.tries)))
    return false;
  // What cannot be read cannot be answered either; the message goes on as it would have without that.
  static_cast<void>(store::why_unreadable([&] { follow_channel(tx, context, message, moment); }));
  return true;
}

void expire_message(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment) {
  fail_message(tx, context, message, to_text(DeliveryReason::kExpired), "", DeliveryReason::kExpired, moment);
}

void count_accepted(const Context& context, const QueuedMessage& message, WallTime now) {
  Tally* const tally = tally_for(context, message.account);
  if (tally == nullptr) return;
  tally->on_accepted(place_of(context, message.account, message.service), channel_of(message),
                     country_of(address_of(message)), now - message.id.id.time());
}

namespace {

/// It is sent again, or failed for good.
void finish_unsent(store::Tx& tx, const Context& context, const QueuedMessage& message,
                   const delivery::ProviderError& error, Moment& moment) {
  if (is_for_verifier(message)) end_upstream_call(tx, context, message, std::nullopt, moment);
  const delivery::CodeAttempts so_far{message.made_at(), message.expires_at, static_cast<unsigned>(message.attempts),
                                      message.doubted, is_for_verifier(message)};
  // Another one, before it, will work again: it is tried again, whatever this one says of itself.
  auto deciding = error;
  const bool goes_back = message.later_by && !error.maybe_sent && leaves(message, error);
  if (goes_back) deciding.fault = delivery::Fault::kUnavailable;
  if (const auto again = delivery::next_code_attempt(deciding, so_far, moment)) {
    const bool doubtful = message.doubted || error.maybe_sent;
    const Carrier next = goes_back ? *message.later_by : message.carrier();
    store::retry_message(tx, message.account, message.id,
                         {*again, message.attempts, next.channel, next.provider,
                          doubtful ? std::string(kDoubtful) : error.provider_code, tries_text(message.tries)});
    if (goes_back) {
      QueuedMessage back = message;
      back.provider = next.provider;
      go_by_channel(std::get<delivery::OutgoingMessage>(back.content), next.channel);
      static_cast<void>(store::why_unreadable([&] { follow_channel(tx, context, back, moment); }));
    }
    return;
  }
  fail_message(tx, context, message, delivery::name_of(error.fault), error.provider_code,
               delivery::reason_of(error.fault), moment);
}

}  // namespace

void finish_messages(store::Tx& tx, const Context& context, std::span<const SentMessage> sent, Moment& moment) {
  std::vector<store::SentMessageRow> accepted;
  bool only_rows_of_messages = true;
  for (const auto& [message, outcome] : sent) {
    if (outcome) accepted.push_back({message.account, message.id, outcome->provider_ref, tries_text(message.tries)});
    only_rows_of_messages = only_rows_of_messages && outcome && !is_for_verifier(message);
  }
  std::optional<store::Beside> beside;
  if (only_rows_of_messages) {
    beside.emplace(tx);
    static_cast<void>(tx.take(messages_key()));  // Nothing of it has been read.
  }
  store::finish_sent(tx, accepted, moment.now);
  for (const auto& one : sent) {
    if (!one.outcome)
      finish_unsent(tx, context, one.message, one.outcome.error(), moment);
    else if (is_for_verifier(one.message))
      end_upstream_call(tx, context, one.message, one.outcome->provider_ref, moment);
  }
}

namespace {

using domain::ReportEffect;

void count_report(store::Tx& tx, const Context& context, const store::MessageState& message,
                  const MessageReport& report, ReportEffect effect) {
  Tally* const tally = tally_for(context, report.account);
  if (tally == nullptr) return;
  const auto& [stage, reason] = report.said;
  tx.when_durable([tally, provider = message.provider, channel = message.channel, stage, reason, effect] {
    tally->on_delivery_report(provider, channel, to_text(stage), reason ? to_text(*reason) : "none", to_text(effect));
  });
}

/// Whether the report is about the request by which the provider has the message. A report may overtake the answer.
bool is_about(const store::MessageState& message, std::string_view provider_ref) {
  return provider_ref.empty() || !message.provider_ref || *message.provider_ref == provider_ref;
}

/// What the verification shows: why the person has no code, or no longer that.
void show_at_verification(store::Tx& tx, const Context& context, const store::MessageState& message,
                          const MessageReport& report, const domain::Delivery& after, Moment& moment) {
  const bool had_failed = message.delivery && message.delivery->stage == DeliveryStage::kFailed;
  if (after.stage == DeliveryStage::kFailed && !had_failed) {
    QueuedMessage about{
        report.account, report.message, message.transaction, message.verification, message.provider, 0, moment.now, {}};
    about.content = nothing_by(message.channel);  // The provider had accepted it.
    note_failure(tx, context, about, to_text(*after.reason), report.provider_code, moment);
  } else if (after.stage > DeliveryStage::kFailed && had_failed && message.delivery->reason) {
    static_cast<void>(store::why_unreadable([&] {
      store::clear_send_fault(tx, report.account, message.transaction, message.verification,
                              to_text(*message.delivery->reason));
    }));
  }
}

}  // namespace

std::optional<ReportEffect> report_delivery(store::Tx& tx, const Context& context, const MessageReport& report,
                                            Moment& moment) {
  const auto message = store::find_message(tx, report.account, report.message);
  if (!message || !is_about(*message, report.provider_ref)) return std::nullopt;
  const auto after = domain::after_report(message->delivery, report.said, message->expires_at, moment.now);
  count_report(tx, context, *message, report, after.effect);
  // A late one, too: the code is over, its address is not. Unless it arrived, as far as is known.
  const bool overtaken = message->delivery && message->delivery->stage > DeliveryStage::kFailed;
  if (after.effect != ReportEffect::kNothing && !overtaken) {
    note_end(tx, context,
             {report.account, report.message, message->transaction, message->verification, message->channel,
              after.effect == ReportEffect::kLate ? report.said : after.state, report.sure},
             moment);
  }
  if (after.effect != ReportEffect::kAdvanced) return after.effect;
  // That it is underway says nothing yet: whoever waits for the delivery goes on waiting.
  if (context.board != nullptr && after.state.stage >= DeliveryStage::kFailed) {
    using enum ProviderBoard::Reported;
    const bool by_channel = after.state.reason && delivery::is_about_channel(*after.state.reason, message->channel);
    const auto what = after.state.stage > DeliveryStage::kFailed ? kDelivered : by_channel ? kFailedByChannel : kFailed;
    tx.when_durable(
        [board = context.board, id = report.message, what, at = moment.now] { board->reported(id, what, at); });
  }
  const bool failed = after.state.stage == DeliveryStage::kFailed;
  store::report_message(tx, report.account, report.message,
                        {after.state, report.provider_ref, failed ? report.provider_code : ""}, moment.now);
  show_at_verification(tx, context, *message, report, after.state, moment);
  return after.effect;
}

}  // namespace countersign::usecase
