#include "usecase/test_mode/work.h"

#include "delivery/backoff.h"
#include "store/repository/test_mode.h"
#include "usecase/outbox/work_messages.h"
#include "usecase/outbox/work_notices.h"
#include "usecase/queued_message.h"
#include "usecase/subject/erase.h"
#include "usecase/subject/standing.h"
#include "usecase/test_mode/outcomes.h"
#include "usecase/transaction/cancel.h"
#include "usecase/verification/message_text.h"

namespace countersign::usecase {

namespace {

constexpr int kStep = 20;
constexpr int kRounds = 10;
constexpr int kMessagesKept = 1000;

struct TestArrival {
  AccountId account;
  WallTime at;
  const QueuedMessage* code = nullptr;  ///< Whose text it is; null for a notice.
};

void put_into_test_inbox(store::Tx& tx, const Context& context, const delivery::OutgoingMessage& message,
                         const TestArrival& arrival, Moment& moment) {
  store::TestMessageRow row;
  row.account = arrival.account;
  row.id = MessageId::make(moment);
  if (arrival.code != nullptr) {
    row.transaction = arrival.code->transaction;
    row.verification = arrival.code->verification;
  }
  row.content_sealed = seal_content(context.vault, row.id, message, moment.random);
  row.arrives_at = arrival.at;
  store::insert_test_message(tx, row);
  store::prune_test_messages(tx, arrival.account, kMessagesKept);
}

/// With its text. Nothing if the text can no longer be written.
std::optional<delivery::OutgoingMessage> written(store::Tx& tx, const Context& context, QueuedMessage& message,
                                                 WallTime now) {
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  if (ours == nullptr) return std::nullopt;  // No channel of a test account has a provider that makes its own codes.
  if (ours->body.empty()) {
    auto held = store::find_transaction(tx, message.account, message.transaction);
    if (!held) return std::nullopt;
    message.text_source = TextSource{held->state.service, std::move(held->display_sealed)};
  }
  if (write_text(context, message, now)) return std::nullopt;
  return std::get<delivery::OutgoingMessage>(message.content);
}

void send_message(store::Tx& tx, const Context& context, const store::MessageRow& row, Moment& moment) {
  QueuedMessage message{row.account,  row.id,       row.transaction, row.verification,
                        row.provider, row.attempts, row.expires_at,  {}};
  if (store::why_unreadable([&] { message.content = open_content(context.vault, row.id, row.content_sealed); }))
    return store::set_message_aside(tx, row.account.bytes(), row.id.bytes(), moment.now);
  const bool in_time = delivery::is_worth_sending(message.made_at(), message.expires_at, moment.now);
  auto text = in_time ? written(tx, context, message, moment.now) : std::nullopt;
  if (!text) return expire_message(tx, context, message, moment);
  TestOutcome outcome = test_outcome(text->to, row.id.id.time(), moment.now);
  const SentMessage sent{message, std::move(outcome.answer)};
  finish_messages(tx, context, {&sent, 1}, moment);
  if (sent.outcome && !outcome.report)
    put_into_test_inbox(tx, context, *text, {row.account, moment.now + outcome.arrives_after, &message}, moment);
  if (outcome.report)
    report_delivery(tx, context,
                    {row.account,
                     row.id,
                     "test",
                     {contact::DeliveryStage::kFailed, delivery::reason_of(outcome.report->fault)},
                     outcome.report->provider_code},
                    moment);
}

int send_messages(store::Tx& tx, const Context& context, const AccountId& account, Moment& moment) {
  const auto due = store::due_test_messages(tx, account, moment.now, kStep);
  for (const auto& row : due) send_message(tx, context, row, moment);
  return static_cast<int>(due.size());
}

int send_notices(store::Tx& tx, const Context& context, const AccountId& account, Moment& moment) {
  auto due = store::due_test_notices(tx, account, moment.now, kStep);
  for (auto& row : due) {
    delivery::OutgoingMessage message;
    const auto why = store::why_unreadable([&] {
      message = std::get<delivery::OutgoingMessage>(open_content(context.vault, row.id, row.content_sealed));
    });
    if (why) {
      store::set_notice_aside(tx, account.bytes(), row.id.bytes(), moment.now);
      continue;
    }
    if (row.since) {
      write_changes(context, row, message, load_history(tx, context, account, row.subject, row.service), moment.now);
    }
    TestOutcome outcome = test_outcome(message.to, row.id.id.time(), moment.now);
    if (outcome.answer && !outcome.report)
      put_into_test_inbox(tx, context, message, {account, moment.now + outcome.arrives_after}, moment);
    finish_notice(tx, context, {{std::move(row), std::move(message)}, std::move(outcome.answer), moment.now}, moment);
  }
  return static_cast<int>(due.size());
}

int expire_tests(store::Tx& tx, const Context& context, const AccountId& account, Moment& moment) {
  const Caller system{account, "system", "", std::nullopt};
  auto due = store::lapsed_test_transactions(tx, account, moment.now, kStep);
  int count = 0;
  for (auto& row : due) {
    if (expire({tx, context, system, moment}, std::move(row))) ++count;
  }
  return count;
}

int lapse_tests(store::Tx& tx, const Context& context, const AccountId& account, Moment& moment) {
  const auto due = store::due_test_histories(tx, account, moment.now, kStep);
  for (const auto& history : due) lapse_one(tx, context, account, history, moment);
  return static_cast<int>(due.size());
}

int erase_tests(store::Tx& tx, const Context& context, const AccountId& account, Moment& moment) {
  auto due = store::due_test_erasures(tx, account, moment.now, kStep);
  for (auto& row : due) erase_subject(tx, context, std::move(row), moment);
  return static_cast<int>(due.size());
}

}  // namespace

void work_off_tests(store::Tx& tx, const Context& context, const AccountId& account, Moment& moment) {
  for (int round = 0; round < kRounds; ++round) {
    int done = send_messages(tx, context, account, moment);
    done += send_notices(tx, context, account, moment);
    done += expire_tests(tx, context, account, moment);
    done += lapse_tests(tx, context, account, moment);
    done += erase_tests(tx, context, account, moment);
    if (done == 0) return;
  }
}

std::vector<TestMessage> list_test_messages(store::Tx& tx, const Context& context, const AccountId& account,
                                            const TestMessageFilter& filter, WallTime now) {
  std::vector<TestMessage> messages;
  // Finding an address means opening all messages: there are few.
  const int read = filter.to ? kMessagesKept : filter.limit;
  for (auto& row : store::list_test_messages(tx, account, now, filter.transaction, read)) {
    auto content = std::get<delivery::OutgoingMessage>(open_content(context.vault, row.id, row.content_sealed));
    if (filter.to && content.to != *filter.to) continue;
    messages.push_back({row.id, std::string(contact::to_text(content.channel)), std::move(content.to),
                        std::move(content.subject), std::move(content.body), std::move(content.code), row.transaction,
                        row.verification, row.arrives_at});
    if (messages.size() == static_cast<std::size_t>(filter.limit)) break;
  }
  return messages;
}

}  // namespace countersign::usecase
