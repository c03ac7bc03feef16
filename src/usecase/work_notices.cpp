#include "usecase/work_notices.h"

#include "delivery/backoff.h"
#include "domain/standing/notices.h"
#include "store/repository/erasures.h"
#include "usecase/journal.h"
#include "usecase/outgoing.h"
#include "usecase/standing.h"

namespace countersign::usecase {

namespace {

/// Nobody waits before a page for it, and an outage of hours must not cost the notice.
constexpr delivery::MessageBackoff kNoticeBackoff{
    .attempts_max = 1000,
    .first = std::chrono::seconds(10),
    .longest = std::chrono::hours(1),
    .useful_life = std::chrono::seconds(0),
};

Facts notice_facts(const store::NoticeRow& row) {
  Facts facts;
  facts.text("notice", row.id.text()).text("address", row.contact.text()).text("provider", row.provider);
  return facts;
}

void fail_notice(store::Tx& tx, const Context& context, const store::NoticeRow& row, std::string_view fault,
                 std::string_view provider_code, Moment& moment) {
  const std::string code(provider_code.empty() ? fault : provider_code);
  if (!store::finish_notice(tx, row.account, row.id, code, moment.now)) return;
  const Caller system{row.account, "system", "", std::nullopt};
  record(tx, context, system, "notice.failed", row.subject,
         notice_facts(row).text("fault", fault).text("provider_code", provider_code), moment);
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

}  // namespace

std::vector<QueuedNotice> lease_due_notices(store::Tx& tx, const Context& context, int limit, Moment& moment) {
  std::vector<QueuedNotice> notices;
  const WallTime lease_until = moment.now + context.settings.message_lease;
  for (auto& row : store::lease_notices(tx, moment.now, lease_until, context.settings.node, limit)) {
    if (moment.now >= row.expires_at) {
      fail_notice(tx, context, row, "expired", "", moment);
      continue;
    }
    auto message = std::get<delivery::OutgoingMessage>(open_content(context.vault, row.id, row.content_sealed));
    notices.push_back({std::move(row), std::move(message)});
  }
  return notices;
}

void finish_notice(store::Tx& tx, const Context& context, const SentNotice& sent, Moment& moment) {
  const store::NoticeRow& row = sent.notice.row;
  if (sent.outcome) {
    const bool first = store::finish_notice(tx, row.account, row.id, std::nullopt, moment.now);
    // A code to object with is brought like a notice, and tells nobody of anything.
    if (first && sent.notice.message.code.expose().empty()) write_down_told(tx, context, row, sent.answered_at, moment);
    return;
  }
  const auto& error = sent.outcome.error();
  const std::string_view fault = delivery::name_of(error.fault);
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
