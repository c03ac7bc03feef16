#include "usecase/outbox/work_messages.h"

#include "delivery/backoff.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/audit_log.h"
#include "usecase/keys.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/tally.h"
#include "usecase/verification/upstream.h"

namespace countersign::usecase {

namespace {

/// Error code of a waiting message that a provider may have accepted anyway. It stays until the message ends.
constexpr std::string_view kDoubtful = "doubtful";

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
                  std::string_view provider_code, Moment& moment) {
  const std::string code(provider_code.empty() ? fault : provider_code);
  if (!store::fail_message(tx, message.account, message.id, code, moment.now, tries_text(message.tries))) return;
  note_failure(tx, context, message, fault, provider_code, moment);
}

/// Loads the service, and the text source if the message was queued without text. False if that is gone.
bool find_text_source(store::Tx& tx, QueuedMessage& message) {
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  std::optional<store::TransactionRow> held;
  const auto find = [&] { held = store::find_transaction(tx, message.account, message.transaction); };
  const bool has_text = ours == nullptr || !ours->body.empty();
  if (has_text)
    static_cast<void>(store::why_unreadable(find));  // Only the service is needed, for the metrics.
  else
    find();
  if (held) message.service = held->state.service;
  if (has_text) return true;
  if (held) message.text_source = TextSource{held->state.service, std::move(held->display_sealed)};
  return held.has_value();
}

}  // namespace

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
    const auto why = store::why_unreadable([&] {
      message.content = open_content(context.vault, row.id, row.content_sealed);
      may_go =
          delivery::is_worth_sending(message.made_at(), message.expires_at, moment.now) &&
          find_text_source(tx, message) &&
          (!is_for_verifier(message) || begin_upstream_call(tx, context, message, message.start_before, moment.now));
    });
    if (why) {
      store::set_message_aside(tx, row.account.bytes(), row.id.bytes(), moment.now);
      note_failure(tx, context, message, delivery::name_of(delivery::Fault::kMisconfigured), "unreadable", moment);
      due.set_aside.push_back({"messages", std::string(row.account.bytes()).append(row.id.bytes()), *why});
    } else if (may_go) {
      due.jobs.push_back(std::move(message));
    } else {
      fail_message(tx, context, message, "expired", "", moment);
    }
  }
  return due;
}

void give_back(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment) {
  if (is_for_verifier(message)) end_upstream_call(tx, context, message, std::nullopt, moment);
  const WallTime leased_until = message.start_before + context.settings.longest_call;
  store::give_message_back(tx, message.account, message.id, leased_until, moment.now);
}

bool move(store::Tx& tx, const Context& context, const QueuedMessage& message) {
  const WallTime leased_until = message.start_before + context.settings.longest_call;
  return store::move_message(tx, message.account, message.id, leased_until, message.provider,
                             tries_text(message.tries));
}

void expire_message(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment) {
  fail_message(tx, context, message, "expired", "", moment);
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
  const bool goes_back = !message.later_by.empty() && !error.maybe_sent && delivery::is_about_provider(error);
  if (goes_back) deciding.fault = delivery::Fault::kUnavailable;
  if (const auto again = delivery::next_code_attempt(deciding, so_far, moment)) {
    const bool doubtful = message.doubted || error.maybe_sent;
    store::retry_message(tx, message.account, message.id,
                         {*again, message.attempts, goes_back ? message.later_by : message.provider,
                          doubtful ? std::string(kDoubtful) : error.provider_code, tries_text(message.tries)});
    return;
  }
  fail_message(tx, context, message, delivery::name_of(error.fault), error.provider_code, moment);
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

bool report_delivery(store::Tx& tx, const Context& context, const MessageReport& report, Moment& moment) {
  const auto& [account, id, provider_ref, status, error] = report;
  const auto state = store::find_message(tx, account, id);
  if (!state) return false;
  const auto code = error ? std::optional(error->provider_code) : std::nullopt;
  if (!store::report_message(tx, account, id, provider_ref, status, code, moment.now)) return false;
  if (context.board != nullptr) {
    tx.when_durable([board = context.board, id = id, delivered = status == store::MessageStatus::kDelivered,
                     at = moment.now] { board->reported(id, delivered, at); });
  }
  if (error) {
    QueuedMessage about{account, id, state->transaction, state->verification, state->provider, 0, moment.now, {}};
    about.content = nothing_by(state->channel);  // The provider had accepted it.
    note_failure(tx, context, about, delivery::name_of(error->fault), error->provider_code, moment);
  }
  return true;
}

}  // namespace countersign::usecase
