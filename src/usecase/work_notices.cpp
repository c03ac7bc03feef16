#include "usecase/work_notices.h"

#include <algorithm>
#include <iterator>

#include "delivery/backoff.h"
#include "domain/standing/notices.h"
#include "store/repository/erasures.h"
#include "usecase/allowance.h"
#include "usecase/journal.h"
#include "usecase/outgoing.h"
#include "usecase/standing.h"
#include "usecase/tell.h"

namespace countersign::usecase {

namespace {

/// Nobody waits before a page for it, and an outage of hours must not cost the notice.
constexpr delivery::MessageBackoff kNoticeBackoff{
    .first = std::chrono::seconds(10),
    .longest = std::chrono::hours(1),
};

/// Where the window does not say.
constexpr auto kPutOff = std::chrono::minutes(10);

Facts notice_facts(const store::NoticeRow& row) {
  Facts facts;
  facts.text("notice", row.id.text()).text("address", row.contact.text()).text("provider", row.provider);
  return facts;
}

void note_notice_failed(store::Tx& tx, const Context& context, const store::NoticeRow& row, std::string_view fault,
                        std::string_view provider_code, Moment& moment) {
  const Caller system{row.account, "system", "", std::nullopt};
  record(tx, context, system, "notice.failed", row.subject,
         notice_facts(row).text("fault", fault).text("provider_code", provider_code), moment);
}

void fail_notice(store::Tx& tx, const Context& context, const store::NoticeRow& row, std::string_view fault,
                 std::string_view provider_code, Moment& moment) {
  const std::string code(provider_code.empty() ? fault : provider_code);
  if (store::finish_notice(tx, row.account, row.id, code, moment.now))
    note_notice_failed(tx, context, row, fault, provider_code, moment);
}

/// [STD-14] Who was told may object.
void note_told_of_erasure(store::Tx& tx, const store::NoticeRow& row) {
  auto erasure = store::find_erasure(tx, row.account, row.subject);
  if (!erasure || !erasure->acts_at) return;
  erasure->told.push_back(row.contact);
  store::save_erasure(tx, *erasure);
}

/// [STD-3] The first accepted notice begins the wait.
void write_down_told(store::Tx& tx, const Context& context, const store::NoticeRow& row, WallTime accepted_at,
                     Moment& moment) {
  const Caller system{row.account, "system", "", std::nullopt};
  record(tx, context, system, "notice.accepted", row.subject, notice_facts(row), moment);
  if (row.about.empty()) return note_told_of_erasure(tx, row);
  if (!context.settings.accounts.contains(row.account)) return;
  auto history = load_history(tx, context, row.account, row.subject, row.service);
  domain::standing::Change change{history, {}, {}, {}};
  for (const BindingId& binding : row.about)
    change.history = domain::standing::told(std::move(change.history), binding, row.contact.id, accepted_at);
  settle(tx, context, system, history, std::move(change), moment);
}

/// Gives it to the next provider that can bring it to that contact, with the text that it has.
bool hand_over(store::Tx& tx, const Context& context, const QueuedNotice& notice, std::string_view fault,
               Moment& moment) {
  store::NoticeRow row = notice.row;
  const auto account = context.settings.accounts.find(row.account);
  if (account == context.settings.accounts.end()) return false;
  const ServiceSettings* service = account->second.service(row.service);
  if (service == nullptr) return false;
  domain::standing::Binding contact;
  contact.source = row.contact.id;
  contact.kind = contact::uses_phone(row.channel) ? domain::Kind::kPhone : domain::Kind::kEmail;
  const Reached refused{row.channel, row.provider, {}};
  const auto next = reach(tx, context.vault, row.account, *service, contact, &refused);
  if (!next) return false;
  const Caller system{row.account, "system", "", std::nullopt};
  record(tx, context, system, "notice.handed_over", row.subject, notice_facts(row).text("fault", fault), moment);
  row.channel = next->channel;
  row.provider = next->provider;
  delivery::OutgoingMessage message = notice.message;
  message.channel = next->channel;
  row.content_sealed = seal_content(context.vault, row.id, message, moment.random);
  store::hand_notice_over(tx, row, moment.now);
  return true;
}

/// What it costs is counted once, however often it is tried. A code to object with was counted when it was asked for.
/// False: there is no room for it now.
bool is_paid_for(store::Tx& tx, const Context& context, const store::NoticeRow& row,
                 const delivery::OutgoingMessage& message, Moment& moment) {
  if (row.attempts > 1 || !message.code.expose().empty() || !context.settings.accounts.contains(row.account))
    return true;
  bool proved = false;  // As where the history cannot be read.
  static_cast<void>(store::why_unreadable(
      [&] { proved = was_proved(load_history(tx, context, row.account, row.subject, row.service), row.contact.id); }));
  const auto counted = count_notice(tx, context, row.account, context.settings.account(row.account).limits, row.channel,
                                    message.to, proved, moment.now);
  if (counted) return true;
  store::put_notice_off(tx, row.account, row.id, moment.now + counted.error().retry_after.value_or(kPutOff));
  const Caller system{row.account, "system", "", std::nullopt};
  record(tx, context, system, "notice.put_off", row.subject, notice_facts(row).text("fault", counted.error().detail),
         moment);
  return false;
}

}  // namespace

store::Leased<QueuedNotice> lease_due_notices(store::Tx& tx, const Context& context, NoticeRoom room, Moment& moment) {
  store::Leased<QueuedNotice> leased;
  std::map<AccountId, std::vector<store::NoticeRow>> due;  // Of each the latest first.
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
    } else if (is_paid_for(tx, context, row, message, moment)) {
      leased.jobs.push_back({std::move(row), std::move(message)});
    }
  }
  return leased;
}

void finish_notice(store::Tx& tx, const Context& context, const SentNotice& sent, Moment& moment, Follow follow) {
  const store::NoticeRow& row = sent.notice.row;
  if (sent.outcome) {
    const bool first = store::finish_notice(tx, row.account, row.id, std::nullopt, moment.now);
    // A code to object with is brought like a notice, and tells nobody of anything.
    if (first && follow == Follow::kAll && sent.notice.message.code.expose().empty())
      write_down_told(tx, context, row, sent.answered_at, moment);
    return;
  }
  const auto& error = sent.outcome.error();
  const std::string_view fault = delivery::name_of(error.fault);
  const bool refused = !delivery::is_retryable(error) && !error.maybe_sent;
  if (refused && follow == Follow::kAll && hand_over(tx, context, sent.notice, fault, moment)) return;
  // What is misconfigured may be repaired within the day.
  const bool may_help = delivery::is_retryable(error) || error.fault == delivery::Fault::kMisconfigured;
  const auto again = may_help ? delivery::next_message_attempt(kNoticeBackoff, static_cast<unsigned>(row.attempts),
                                                               error.retry_after, row.expires_at, moment)
                              : std::nullopt;
  if (again)
    store::retry_notice(tx, row.account, row.id, *again, error.provider_code.empty() ? fault : error.provider_code);
  else
    fail_notice(tx, context, row, fault, error.provider_code, moment);
}

}  // namespace countersign::usecase
