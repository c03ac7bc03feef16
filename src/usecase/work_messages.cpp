#include "usecase/work_messages.h"

#include "delivery/backoff.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/journal.h"
#include "usecase/upstream.h"

namespace countersign::usecase {

namespace {

bool is_for_verifier(const QueuedMessage& message) {
  return std::holds_alternative<delivery::VerificationStart>(message.content);
}

void note_failure(store::Tx& tx, const Context& context, const QueuedMessage& message, std::string_view fault,
                  std::string_view provider_code, Moment& moment) {
  store::set_send_fault(tx, message.account, message.transaction, message.verification, fault);
  domain::Transaction about;
  about.id = message.transaction;
  const auto row = store::find_transaction(tx, message.account, message.transaction);
  if (row) about = row->state;
  const Caller system{message.account, "system", "", std::nullopt};
  record(tx, context, system, "message.failed", about,
         Facts()
             .text("message", message.id.text())
             .text("verification", message.verification.text())
             .text("provider", message.provider)
             .text("fault", fault)
             .text("provider_code", provider_code),
         moment);
}

void fail_message(store::Tx& tx, const Context& context, const QueuedMessage& message, std::string_view fault,
                  std::string_view provider_code, Moment& moment) {
  const std::string code(provider_code.empty() ? fault : provider_code);
  if (!store::fail_message(tx, message.account, message.id, code, moment.now)) return;
  note_failure(tx, context, message, fault, provider_code, moment);
}

/// Fetches what a message is written from that was queued without its text. False if its transaction is gone.
bool find_wording(store::Tx& tx, QueuedMessage& message) {
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  if (ours == nullptr || !ours->body.empty()) return true;
  auto held = store::find_transaction(tx, message.account, message.transaction);
  if (held) message.wording = Wording{held->state.service, std::move(held->display_sealed)};
  return held.has_value();
}

}  // namespace

std::vector<QueuedMessage> lease_due_messages(store::Tx& tx, const Context& context, int limit, Moment& moment) {
  std::vector<QueuedMessage> messages;
  const WallTime lease_until = moment.now + context.settings.message_lease;
  for (auto& row : store::lease_messages(tx, moment.now, lease_until, context.settings.node, limit)) {
    QueuedMessage message{row.account,
                          row.id,
                          row.transaction,
                          row.verification,
                          row.provider,
                          row.attempts,
                          row.expires_at,
                          open_content(context.vault, row.id, row.content_sealed),
                          {}};
    const bool over = moment.now >= message.expires_at || !find_wording(tx, message);
    if (over || (is_for_verifier(message) && !begin_upstream_call(tx, context, message, lease_until, moment.now)))
      fail_message(tx, context, message, "expired", "", moment);
    else
      messages.push_back(std::move(message));
  }
  return messages;
}

void finish_message(store::Tx& tx, const Context& context, const SentMessage& sent, Moment& moment) {
  const QueuedMessage& message = sent.message;
  if (sent.outcome) {
    const std::string& ref = sent.outcome->provider_ref;
    store::finish_message(tx, message.account, message.id, store::MessageStatus::kSent, ref, std::nullopt, moment.now);
    if (is_for_verifier(message)) end_upstream_call(tx, context, message, ref, moment);
    return;
  }
  const auto& error = sent.outcome.error();
  if (is_for_verifier(message)) end_upstream_call(tx, context, message, std::nullopt, moment);
  const auto again = delivery::is_retryable(error)
                         ? delivery::next_message_attempt({}, static_cast<unsigned>(message.attempts),
                                                          error.retry_after, message.expires_at, moment)
                         : std::nullopt;
  if (again) {
    store::retry_message(tx, message.account, message.id, *again, message.attempts, error.provider_code);
    return;
  }
  fail_message(tx, context, message, delivery::name_of(error.fault), error.provider_code, moment);
}

bool report_delivery(store::Tx& tx, const Context& context, const AccountId& account, const MessageId& id,
                     std::string_view provider_ref, store::MessageStatus status,
                     const std::optional<delivery::ProviderError>& error, Moment& moment) {
  const auto state = store::find_message(tx, account, id);
  if (!state) return false;
  const auto code = error ? std::optional(error->provider_code) : std::nullopt;
  if (!store::report_message(tx, account, id, provider_ref, status, code, moment.now)) return false;
  if (error) {
    const QueuedMessage about{account, id, state->transaction, state->verification, state->provider, 0, moment.now,
                              {},      {}};
    note_failure(tx, context, about, delivery::name_of(error->fault), error->provider_code, moment);
  }
  return true;
}

}  // namespace countersign::usecase
