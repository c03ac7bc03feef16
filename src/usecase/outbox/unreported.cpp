#include "usecase/outbox/unreported.h"

#include <algorithm>
#include <utility>

#include "delivery/backoff.h"
#include "store/repository/contacts.h"
#include "store/repository/messages.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/carrier.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/outbox/work_messages.h"
#include "usecase/verification/allowance.h"
#include "usecase/verification/send.h"

namespace countersign::usecase {

namespace {

constexpr std::string_view kUnreported = "unreported";

/// The person it is for, where all that must hold still does.
std::optional<store::ContactRow> still_waiting(store::Tx& tx, const QueuedMessage& message,
                                               const store::TransactionRow& held, WallTime now) {
  if (domain::status_at(held.state, now) != domain::TransactionStatus::kHeld) return std::nullopt;
  if (held.state.purpose == domain::Purpose::kStandaloneCode) return std::nullopt;  // Nobody has proved the line.
  const auto row = store::find_verification(tx, held, message.verification);
  if (!row || !row->state.code || row->state.sends != 1) return std::nullopt;
  if (domain::status_at(row->state, now) != domain::VerificationStatus::kPending) return std::nullopt;
  auto contact = store::find_contact(tx, message.account, row->state.contact);
  if (!contact || !contact->line_proved || obstacle_fault(*contact, now)) return std::nullopt;
  return contact;
}

/// Why the message may be sent once more, by its state; nullopt: it may not. That nobody reported it in time says
/// nothing about its channel. A failure that is reported does, where the product chooses the channel.
std::optional<Leaves> why_again(const QueuedMessage& message, const store::MessageState& state) {
  if (state.status == store::to_text(store::MessageStatus::kSent)) return Leaves{};
  const auto& ours = std::get<delivery::OutgoingMessage>(message.content);
  const bool failed = state.delivery && state.delivery->stage == contact::DeliveryStage::kFailed;
  const bool channel = failed && !ours.channels.empty() && state.delivery->reason &&
                       delivery::is_about_channel(*state.delivery->reason, state.channel);
  return channel ? std::optional(Leaves{true}) : std::nullopt;
}

}  // namespace

bool may_go_again(const Context& context, const QueuedMessage& message) {
  const auto account = context.settings.accounts.find(message.account);
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  if (ours == nullptr || account == context.settings.accounts.end()) return false;
  const auto* service = account->second.service(message.service);
  const auto* provider = service == nullptr ? nullptr : service->provider_of(ours->channel, message.provider);
  return provider != nullptr && provider->reports == contact::Reports::kUsable &&
         next_carrier(context, message, {}).has_value();
}

AfterSilence send_unreported(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment) {
  const auto state = store::find_message(tx, message.account, message.id);
  if (!state) return {};
  if (state->status == store::to_text(store::MessageStatus::kDelivered)) return {{}, {}, true};
  const auto why = why_again(message, *state);
  if (!why) return {};
  if (!delivery::is_worth_sending(message.made_at(), message.expires_at, moment.now)) return {};
  auto held = store::find_transaction(tx, message.account, message.transaction);
  if (!held) return {};
  auto contact = still_waiting(tx, message, *held, moment.now);
  if (!contact) return {};
  AfterSilence silent;
  if (!why->channel) silent.waiting = contact->address_id;
  const auto next = next_carrier(context, message, *why);
  // The message that is sent once more says so, too: it is the last one.
  auto tries = parse_tries(state->tries);
  if (!next || std::ranges::find(tries, kUnreported, &Try::outcome) != tries.end()) return silent;

  const auto& ours = std::get<delivery::OutgoingMessage>(message.content);
  const Caller system{message.account, "system", "", std::nullopt};
  const Work work{tx, context, system, moment};
  QueuedMessage again{message.account,
                      MessageId::make(moment),
                      message.transaction,
                      message.verification,
                      next->provider,
                      1,
                      message.expires_at,
                      {},
                      {}};
  again.service = message.service;
  again.start_before = moment.now + context.settings.hand_over_within;
  auto content = ours;
  content.id = again.id;
  go_by_channel(content, next->channel);
  again.content = std::move(content);
  again.text_source = message.text_source;
  report_to_own_address(context, again);
  if (!may_use_channel(tx, again)) return silent;
  const Outlay outlay{again.service, next->channel, next->provider, contact->line_proved};
  if (!count_send(work, context.settings.account(message.account).limits, *contact, ours.to, {}, outlay)) return silent;
  again.paid = {price_of(context, message.account, outlay, ours.to), 0, outlay.proved};

  const Try unreported{message.provider, std::string(kUnreported), "", moment.now, false, std::nullopt};
  add(tries, unreported);
  add(again.tries, unreported);
  store::insert_message(tx, {again.account, again.id, again.transaction, again.verification, next->channel,
                             again.provider, seal_content(context.vault, again.id, again.content, moment.random), 1,
                             moment.now + context.settings.lease(), context.settings.node, again.expires_at});
  store::note_tries(tx, message.account, message.id, *tries_text(tries));
  store::note_tries(tx, again.account, again.id, *tries_text(again.tries));
  follow_channel(tx, context, again, moment);
  if (why->channel)
    store::clear_send_fault(tx, message.account, message.transaction, message.verification,
                            to_text(*state->delivery->reason));
  record(work, "message.sent_again", held->state,
         Facts()
             .text("message", again.id.text())
             .text("verification", again.verification.text())
             .text("provider", again.provider)
             .text("after", message.id.text()));
  silent.again = std::move(again);
  return silent;
}

}  // namespace countersign::usecase
