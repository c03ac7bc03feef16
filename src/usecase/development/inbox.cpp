#include "usecase/development/inbox.h"

#include <fmt/format.h>

#include "store/repository/messages.h"
#include "store/repository/transactions.h"
#include "usecase/outbox/work_messages.h"
#include "usecase/queued_message.h"

namespace countersign::usecase {

namespace {

constexpr int kKeep = 500;

std::vector<std::string> tags_of(store::Tx& tx, const Context& context, const AccountId& account,
                                 const TransactionId& transaction) {
  const AccountSettings& settings = context.settings.account(account);
  std::vector<std::string> tags{settings.name};
  const auto row = store::find_transaction(tx, account, transaction);
  const auto* service = row ? settings.service(row->state.service) : nullptr;
  if (service != nullptr && service->name != settings.name) tags.push_back(service->name);
  return tags;
}

/// The inbox has no account: the message's account is found by trying the few accounts of a development server.
std::optional<std::pair<AccountId, store::MessageState>> find_sent(store::Tx& tx, const Context& context,
                                                                   const MessageId& id) {
  for (const auto& [account, settings] : context.settings.accounts) {
    if (auto state = store::find_message(tx, account, id)) return {{account, *std::move(state)}};
  }
  return std::nullopt;
}

std::optional<delivery::ProviderError> error_of(SimulatedReport report) {
  using delivery::Fault;
  using delivery::PersonNotice;
  switch (report) {
    case SimulatedReport::kDelivered:
      return std::nullopt;
    case SimulatedReport::kFailed:
      return delivery::ProviderError{
          Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported, "simulated_failure", "simulated", {}, false};
    case SimulatedReport::kOptedOut:
      return delivery::ProviderError{
          Fault::kOptedOut, PersonNotice::kTryAnotherWay, "simulated_opt_out", "simulated", {}, false};
  }
  return std::nullopt;
}

}  // namespace

namespace {

/// All that a call would say, in its order.
std::string script_of(const delivery::OutgoingMessage& message) {
  std::string digits;
  for (const char digit : message.code.expose()) digits.append(digits.empty() ? "" : " ").append(1, digit);
  const auto& [ask, before, again, after, next_url] = message.call;
  std::string script = fmt::format("{}\n#\n{} {}. {} {}.", ask, before, digits, again, digits);
  return after.empty() ? script : script.append(" ").append(after);
}

/// What the person would see or hear.
delivery::OutgoingMessage seen_of(const delivery::OutgoingMessage& message) {
  delivery::OutgoingMessage seen = message;
  if (!message.call.ask.empty()) seen.body = script_of(message);
  return seen;
}

}  // namespace

void put_into_inbox(store::Tx& tx, const Context& context, const delivery::OutgoingMessage& message, Moment& moment,
                    Duration later) {
  const MessageId id = MessageId::make(moment);
  store::insert_inbox(tx, {id.id, message.id, std::string(contact::to_text(message.channel)),
                           seal_content(context.vault, id, seen_of(message), moment.random), moment.now + later});
  store::prune_inbox(tx, kKeep);
}

std::vector<InboxMessage> list_inbox(store::Tx& tx, const Context& context, const std::optional<std::string>& to,
                                     WallTime now) {
  std::vector<InboxMessage> messages;
  for (const auto& row : store::list_inbox(tx, kKeep)) {
    if (row.created_at > now) continue;
    auto content =
        std::get<delivery::OutgoingMessage>(open_content(context.vault, MessageId{row.id}, row.content_sealed));
    if (to && content.to != *to) continue;
    InboxMessage view{MessageId{row.id},       row.channel,
                      std::move(content.to),   std::move(content.subject),
                      std::move(content.body), std::move(content.code),
                      row.created_at};
    if (const auto sent = find_sent(tx, context, row.message)) {
      const auto& [transaction, verification] = std::tie(sent->second.transaction, sent->second.verification);
      if (transaction.id != verification.id) view.transaction = transaction;
      view.verification = verification;
      view.status = sent->second.status;
      view.tags = tags_of(tx, context, sent->first, transaction);
    }
    messages.push_back(std::move(view));
  }
  return messages;
}

void clear_inbox(store::Tx& tx) { store::clear_inbox(tx); }

bool simulate_report(store::Tx& tx, const Context& context, const MessageId& inbox_id, SimulatedReport report,
                     Moment& moment) {
  const auto row = store::find_inbox(tx, inbox_id.id);
  const auto sent = row ? find_sent(tx, context, row->message) : std::nullopt;
  if (!sent) return false;
  // The inbox uses its own message id as the provider's reference.
  MessageReport said{sent->first, row->message, row->message.text(), {contact::DeliveryStage::kDelivered}};
  if (const auto error = error_of(report)) {
    said.said = {contact::DeliveryStage::kFailed, delivery::reason_of(error->fault)};
    said.provider_code = error->provider_code;
  }
  return report_delivery(tx, context, said, moment) == domain::ReportEffect::kAdvanced;
}

}  // namespace countersign::usecase
