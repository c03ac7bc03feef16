#include "usecase/subject/erase.h"

#include "base/json.h"
#include "store/repository/erasures.h"
#include "store/repository/factors.h"
#include "store/repository/standings.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/risk/review.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/cancel.h"

namespace countersign::usecase {

namespace {

using domain::standing::History;

constexpr int kCancelMax = 10'000;

std::vector<History> histories_of(store::Tx& tx, const Context& context, const AccountId& account,
                                  const SubjectId& subject) {
  std::vector<History> all;
  for (const auto& service : services_to_change(tx, context, account, subject))
    all.push_back(load_history(tx, context, account, subject, service));
  return all;
}

void enqueue_erasure_webhook(store::Tx& tx, const store::ErasureRow& row, std::string_view type, json::object data,
                             Moment& moment) {
  data["subject"] = row.subject.text();
  enqueue_webhook_body(
      tx, row.account, type,
      canonical_json(json::object{{"type", type}, {"timestamp", to_rfc3339(moment.now)}, {"data", std::move(data)}}),
      moment);
}

/// Nothing about the subject is left or was added again.
bool has_nothing(store::Tx& tx, const AccountId& account, const SubjectId& subject) {
  return store::contacts_of(tx, account, subject).empty() && store::factors_of(tx, account, subject).empty();
}

void cancel_open(const Work& work, const History& history) {
  for (auto& row :
       store::unclaimed_transactions(work.tx, work.caller.account, history.subject, history.service, kCancelMax)) {
    auto ended = domain::canceled(std::move(row.state), work.moment.now);
    if (!ended) continue;  // It had already expired.
    row.state = *std::move(ended);
    static_cast<void>(close_transaction(work, row));
  }
}

}  // namespace

void erase_subject(store::Tx& tx, const Context& context, store::ErasureRow row, Moment& moment) {
  auto done = domain::erased(row.state, moment.now);
  if (!done) return;
  row.state = *std::move(done);
  const Caller system{row.account, "system", "", std::nullopt};
  const auto histories = histories_of(tx, context, row.account, row.subject);
  for (const auto& history : histories) cancel_open({tx, context, system, moment}, history);
  end_reviews_of_refused({tx, context, system, moment}, row.subject);
  store::erase_personal_data(tx, context.vault, row.account, row.subject, moment);
  for (const auto& history : histories) {
    for (const auto& binding : history.bindings)
      store::empty_address(tx, row.account, AddressId{binding.source}, row.subject,
                           moment.now);  // Also of removed contacts.
    store::save_history(tx, row.account,
                        domain::standing::close_founding(no_history(history.subject, history.service), moment.now),
                        std::nullopt);
  }
  row.told.clear();
  store::save_erasure(tx, row);
  record({tx, context, system, moment}, "subject.erased", row.subject, Facts());
  enqueue_erasure_webhook(tx, row, "subject.erased", {}, moment);
}

Answer<domain::Erasure> ask_for_erasure(const Work& work, std::string_view identity) {
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, identity);
  if (!subject) return refuse(Code::kNotFound);
  const auto before = store::find_erasure(work.tx, work.caller.account, *subject);
  const auto asked =
      domain::erasure_asked(before.transform([](const auto& row) { return row.state; }), work.moment.now);
  if (!asked) return before->state;
  if (before && before->state.erased_at && has_nothing(work.tx, work.caller.account, *subject))
    return refuse(Code::kNotFound);
  const store::ErasureRow row{work.caller.account, *subject, *asked, {}};
  store::save_erasure(work.tx, row);
  record(work, "subject.erasure_asked", *subject, Facts());
  enqueue_erasure_webhook(work.tx, row, "subject.erasure_asked", {{"erases_at", to_rfc3339(*row.state.acts_at)}},
                          work.moment);
  ErasureNotices notices;
  for (const auto& history : histories_of(work.tx, work.context, work.caller.account, *subject))
    tell_of_erasure(work, history, notices);
  if (const Duration wait = notices.wait(); wait > Duration::zero()) {
    work.tx.abandon();
    note_limit(work.tx, work.context, work.caller.account, "notices_per_contact");
    return fail(Problem{Code::kRateLimited, "who must be told has had as many notices as allowed", "", wait});
  }
  return row.state;
}

Answer<Done> stop_erasure(const Work& work, const SubjectId& subject, std::string_view by) {
  auto row = store::find_erasure(work.tx, work.caller.account, subject);
  auto stopped = row ? domain::stopped(row->state, work.moment.now) : std::nullopt;
  if (!stopped) return refuse(Code::kNotFound);
  row->state = *std::move(stopped);
  store::save_erasure(work.tx, *row);
  record(work, "subject.erasure_stopped", subject, Facts().text("by", by));
  enqueue_erasure_webhook(work.tx, *row, "subject.erasure_stopped", {{"by", by}}, work.moment);
  return Done{};
}

int erase_due(store::Tx& tx, const Context& context, int limit, Moment& moment, const store::SetAsideKeys& aside) {
  auto due = store::due_erasures(tx, moment.now, limit, aside);
  for (auto& row : due) {
    if (context.settings.accounts.contains(row.account)) {
      const std::string key = std::string(row.account.bytes()).append(row.subject.bytes());
      store::naming_row("erasures", key, [&] { erase_subject(tx, context, row, moment); });
    } else if (auto later = domain::put_off(row.state, std::chrono::hours(24), moment.now)) {
      row.state = *std::move(later);  // Its service is not configured at the moment: try again tomorrow.
      store::save_erasure(tx, row);
    }
  }
  return static_cast<int>(due.size());
}

}  // namespace countersign::usecase
