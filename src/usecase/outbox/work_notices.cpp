#include "usecase/outbox/work_notices.h"

#include <algorithm>
#include <iterator>

#include "delivery/backoff.h"
#include "domain/standing/notices.h"
#include "store/repository/erasures.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/carrier.h"
#include "usecase/outbox/voice_callback.h"
#include "usecase/queued_message.h"
#include "usecase/risk/sending.h"
#include "usecase/spending/outlay.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/standing.h"
#include "usecase/verification/allowance.h"

namespace countersign::usecase {

namespace {

/// Nobody waits for a notice on a page, and it must survive an outage of hours.
constexpr delivery::MessageBackoff kNoticeBackoff{
    .first = std::chrono::seconds(10),
    .longest = std::chrono::hours(1),
};

/// If the window gives no time.
constexpr auto kPutOff = std::chrono::minutes(10);

Facts notice_facts(const store::NoticeRow& row) {
  Facts facts;
  facts.text("notice", row.id.text()).text("address", row.contact.text()).text("provider", row.provider);
  return facts;
}

void note_notice_failed(store::Tx& tx, const Context& context, const store::NoticeRow& row, std::string_view fault,
                        std::string_view provider_code, Moment& moment) {
  const Caller system{row.account, "system", "", std::nullopt};
  record({tx, context, system, moment}, "notice.failed", row.subject,
         notice_facts(row).text("fault", fault).text("provider_code", provider_code));
}

void fail_notice(store::Tx& tx, const Context& context, const store::NoticeRow& row, std::string_view fault,
                 std::string_view provider_code, Moment& moment) {
  const std::string code(provider_code.empty() ? fault : provider_code);
  if (store::finish_notice(tx, row.account, row.id, code, moment.now))
    note_notice_failed(tx, context, row, fault, provider_code, moment);
}

/// [STD-14] A contact that was notified may object.
void note_told_of_erasure(store::Tx& tx, const store::NoticeRow& row) {
  auto erasure = store::find_erasure(tx, row.account, row.subject);
  if (!erasure || !erasure->state.acts_at) return;
  erasure->told.push_back(row.contact);
  store::save_erasure(tx, *erasure);
}

/// [STD-3] The first accepted notice starts the wait.
void write_down_told(store::Tx& tx, const Context& context, const store::NoticeRow& row, WallTime accepted_at,
                     Moment& moment) {
  const Caller system{row.account, "system", "", std::nullopt};
  record({tx, context, system, moment}, "notice.accepted", row.subject, notice_facts(row));
  if (row.about.empty() && !row.since) return note_told_of_erasure(tx, row);
  if (!context.settings.accounts.contains(row.account)) return;
  auto history = load_history(tx, context, row.account, row.subject, row.service);
  domain::standing::Change change{history, {}, {}, {}};
  std::vector<BindingId> about = row.about;
  for (const auto& binding : history.bindings) {
    if (!row.since || !row.until) break;
    for (const BindingId& one : domain::standing::changes_between(binding, *row.since, *row.until))
      about.push_back(one);
  }
  for (const BindingId& one : about)
    change.history = domain::standing::told(std::move(change.history), one, row.contact.id, accepted_at);
  settle({tx, context, system, moment}, history, std::move(change));
}

using Refusals = std::vector<std::pair<contact::Channel, std::string>>;

/// By whom else the contact is reached; nullopt: by nobody, or its service is not known any more.
std::optional<Reached> reach_but(store::Tx& tx, const Context& context, const store::NoticeRow& row,
                                 const Refusals& but) {
  const auto account = context.settings.accounts.find(row.account);
  const auto* service = account == context.settings.accounts.end() ? nullptr : account->second.service(row.service);
  if (service == nullptr) return std::nullopt;
  domain::standing::Binding contact;
  contact.source = row.contact.id;
  contact.kind = contact::uses_phone(row.channel) ? domain::Kind::kPhone : domain::Kind::kEmail;
  return reach(tx, context, row.account, *service, contact, but);
}

void give_to(store::Tx& tx, const Context& context, store::NoticeRow& row, delivery::OutgoingMessage& message,
             const Reached& next, WallTime due_at, Moment& moment) {
  row.channel = next.channel;
  row.provider = next.provider;
  message.channel = next.channel;
  row.content_sealed = seal_content(context.vault, row.id, message, moment.random);
  store::hand_notice_over(tx, row, due_at);
}

/// Moves it to the next provider that can reach the contact, with the same text: those that refused it for good are not
/// asked again.
bool hand_over(store::Tx& tx, const Context& context, const QueuedNotice& notice, std::string_view fault,
               Moment& moment) {
  store::NoticeRow row = notice.row;
  delivery::OutgoingMessage message = notice.message;
  message.refused_by.emplace_back(row.channel, row.provider);
  const auto next = reach_but(tx, context, row, message.refused_by);
  if (!next) return false;
  const Caller system{row.account, "system", "", std::nullopt};
  record({tx, context, system, moment}, "notice.handed_over", row.subject, notice_facts(row).text("fault", fault));
  give_to(tx, context, row, message, *next, moment.now, moment);
  return true;
}

/// Its provider is out of order: another one of the same channel that works has it, once at once and then at the time
/// of the retry. Another channel would be dearer, or come at night; a notice can wait.
bool stand_in(store::Tx& tx, const Context& context, const QueuedNotice& notice, std::string_view fault, WallTime again,
              Moment& moment) {
  store::NoticeRow row = notice.row;
  Refusals but = notice.message.refused_by;
  but.emplace_back(row.channel, row.provider);
  const auto next = reach_but(tx, context, row, but);
  if (!next || next->channel != row.channel) return false;
  if (is_avoided(context, row.account, next->provider, country_by(row.channel, notice.message.to))) return false;
  const Caller system{row.account, "system", "", std::nullopt};
  record({tx, context, system, moment}, "notice.handed_over", row.subject, notice_facts(row).text("fault", fault));
  delivery::OutgoingMessage message = notice.message;
  give_to(tx, context, row, message, *next, row.attempts == 1 ? moment.now : again, moment);
  return true;
}

/// What waited for a provider that is drained or does not work by now goes by another of its channel, if one works.
void choose_anew(store::Tx& tx, const Context& context, store::NoticeRow& row, delivery::OutgoingMessage& message,
                 Moment& moment) {
  const std::string country = country_by(row.channel, message.to);
  if (!is_avoided(context, row.account, row.provider, country)) return;
  const auto next = reach_but(tx, context, row, message.refused_by);
  if (!next || next->channel != row.channel || is_avoided(context, row.account, next->provider, country)) return;
  give_to(tx, context, row, message, *next, row.due_at, moment);  // It is leased until then.
}

void put_off(store::Tx& tx, const Context& context, const store::NoticeRow& row, Duration by, std::string_view fault,
             Moment& moment) {
  store::put_notice_off(tx, row.account, row.id, moment.now + by);
  const Caller system{row.account, "system", "", std::nullopt};
  record({tx, context, system, moment}, "notice.put_off", row.subject, notice_facts(row).text("fault", fault));
}

/// Whether the money for this try is there. If not, it is put off until the day ends, or until somebody may have
/// started spending again.
bool is_affordable(store::Tx& tx, const Context& context, const store::NoticeRow& row, std::string_view address,
                   bool proved, Moment& moment) {
  const Outlay outlay{row.service, row.channel, row.provider, proved};
  const auto paid = pay(tx, context, row.account, outlay, address, moment.now);
  if (!paid) put_off(tx, context, row, paid.error().retry_after.value_or(kPutOff), paid.error().detail, moment);
  return paid.has_value();
}

/// In the windows of messages a notice is counted once, however often it is retried; in budgets each try is. An
/// objection code was counted when it was requested. False: the limit is used up now. One that waited for room counts
/// at its contact only now; who has proved it gets it in any case, or whoever makes changes at the right moment would
/// keep it back for ever.
bool is_paid_for(store::Tx& tx, const Context& context, const store::NoticeRow& row,
                 const delivery::OutgoingMessage& message, const std::optional<domain::standing::History>& history,
                 Moment& moment) {
  if (!context.settings.accounts.contains(row.account)) return true;
  const bool proved = history && was_proved(*history, row.contact.id);
  const bool counted_before = row.attempts > 1 || !message.code.expose().empty();
  if (row.attempts > 1 ||
      (counted_before && is_stopped(context, row.account, {row.service, row.channel, row.provider})))
    return is_affordable(tx, context, row, message.to, proved, moment);
  if (counted_before) return true;
  if (row.since && history && !proved) {
    const Duration wait = wait_for_notice(tx, context, row.account, *history, row.contact.id, moment.now);
    if (wait > Duration::zero()) return put_off(tx, context, row, wait, "notices_per_contact", moment), false;
  }
  // Whoever has never proved the contact waits where codes to people unknown there are stopped: notices to numbers of
  // somebody's choice cost as much.
  const Caller system{row.account, "system", "", std::nullopt};
  const Work work{tx, context, system, moment};
  CodeToSend about{row.service, std::nullopt, row.subject, row.channel, message.to, ""};
  about.proved = proved;
  auto decided = decide_send(work, about);
  if (!decided) return put_off(tx, context, row, kPutOff, "not_available_now", moment), false;
  const NoticeRecipient to{row.channel, message.to, proved, row.service, row.provider};
  const auto counted = count_notice(tx, context, row.account, to, moment.now);
  if (counted) decided->count(work, VerificationId{row.id.id});
  if (!counted) {
    decided->drop(work);
    put_off(tx, context, row, counted.error().retry_after.value_or(kPutOff), counted.error().detail, moment);
    return false;
  }
  if (row.since && history) count_notice_to(tx, context, row.account, *history, row.contact.id, moment.now);
  return true;
}

/// Nothing if it is not needed, or cannot be read.
std::optional<domain::standing::History> history_for(store::Tx& tx, const Context& context,
                                                     const store::NoticeRow& row) {
  if (!context.settings.accounts.contains(row.account)) return std::nullopt;
  // A further try needs it only where it costs money: who has proved the contact may use the reserve.
  if (row.attempts > 1 && !row.since && context.settings.money.exchange.currency.empty()) return std::nullopt;
  std::optional<domain::standing::History> history;
  static_cast<void>(
      store::why_unreadable([&] { history = load_history(tx, context, row.account, row.subject, row.service); }));
  return history;
}

}  // namespace

void write_changes(const Context& context, store::NoticeRow& row, delivery::OutgoingMessage& message,
                   const std::optional<domain::standing::History>& history, WallTime now) {
  if (!row.since || !history) return;
  std::string text = text_of_changes_since(context, row, *history, message.locale, now);
  if (!text.empty()) message.body = std::move(text);  // Otherwise it says what was to be told first.
}

store::Leased<QueuedNotice> lease_due_notices(store::Tx& tx, const Context& context, NoticeRoom room, Moment& moment) {
  store::Leased<QueuedNotice> leased;
  std::map<AccountId, std::vector<store::NoticeRow>> due;  // Per account, latest first.
  for (const auto& account : store::accounts_with_notices(tx)) {
    const int free = std::min(room.limit, room.per_account - room.under_way[account]);
    if (free <= 0) continue;
    auto [rows, set_aside] = store::due_notices(tx, account, moment.now, free);
    std::ranges::move(set_aside, std::back_inserter(leased.set_aside));
    std::ranges::reverse(rows);
    if (!rows.empty()) due.emplace(account, std::move(rows));
  }
  const WallTime lease_until = moment.now + context.settings.lease();
  for (int taken = 0; taken < room.limit && !due.empty(); ++taken) {
    const auto next =
        std::ranges::min_element(due, {}, [&](const auto& of_account) { return room.under_way[of_account.first]; });
    ++room.under_way[next->first];
    store::NoticeRow row = std::move(next->second.back());
    next->second.pop_back();
    if (next->second.empty()) due.erase(next);
    store::lease_notice(tx, row, lease_until, context.settings.node);
    if (moment.now >= row.expires_at) {
      fail_notice(tx, context, row, "expired", "", moment);
      continue;
    }
    delivery::OutgoingMessage message;
    const auto why = store::why_unreadable([&] {
      message = std::get<delivery::OutgoingMessage>(open_content(context.vault, row.id, row.content_sealed));
    });
    if (why) {
      store::set_notice_aside(tx, row.account.bytes(), row.id.bytes(), moment.now);
      note_notice_failed(tx, context, row, delivery::name_of(delivery::Fault::kMisconfigured), "unreadable", moment);
      leased.set_aside.push_back({"notices", std::string(row.account.bytes()).append(row.id.bytes()), *why});
      continue;
    }
    const auto history = history_for(tx, context, row);
    choose_anew(tx, context, row, message, moment);
    if (!is_paid_for(tx, context, row, message, history, moment)) continue;
    write_changes(context, row, message, history, moment.now);
    write_call_at_once(message);
    leased.jobs.push_back({std::move(row), std::move(message)});
  }
  return leased;
}

void finish_notice(store::Tx& tx, const Context& context, const SentNotice& sent, Moment& moment, Follow follow) {
  const store::NoticeRow& row = sent.notice.row;
  if (sent.outcome) {
    const bool first = store::finish_notice(tx, row.account, row.id, std::nullopt, moment.now);
    // An objection code is sent like a notice, but does not count as notification.
    if (first && follow == Follow::kAll && sent.notice.message.code.expose().empty())
      write_down_told(tx, context, row, sent.answered_at, moment);
    return;
  }
  const auto& error = sent.outcome.error();
  const std::string_view fault = delivery::name_of(error.fault);
  const bool refused = !delivery::is_retryable(error) && !error.maybe_sent;
  if (refused && follow == Follow::kAll && hand_over(tx, context, sent.notice, fault, moment)) return;
  // A misconfiguration may be repaired within the day.
  const bool may_help = delivery::is_retryable(error) || error.fault == delivery::Fault::kMisconfigured;
  const auto again = may_help ? delivery::next_message_attempt(kNoticeBackoff, static_cast<unsigned>(row.attempts),
                                                               error.retry_after, row.expires_at, moment)
                              : std::nullopt;
  const bool elsewhere = again && !error.maybe_sent && delivery::is_about_provider(error) && follow == Follow::kAll;
  if (elsewhere && stand_in(tx, context, sent.notice, fault, *again, moment)) return;
  if (again)
    store::retry_notice(tx, row.account, row.id, *again, error.provider_code.empty() ? fault : error.provider_code);
  else
    fail_notice(tx, context, row, fault, error.provider_code, moment);
}

}  // namespace countersign::usecase
