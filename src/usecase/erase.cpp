#include "usecase/erase.h"

#include "base/json.h"
#include "store/repository/erasures.h"
#include "store/repository/factors.h"
#include "store/repository/standings.h"
#include "usecase/announce.h"
#include "usecase/cancel.h"
#include "usecase/journal.h"
#include "usecase/standing.h"
#include "usecase/tally.h"
#include "usecase/tell.h"

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

ErasureView erasure_view(const store::ErasureRow& row) {
  return {row.asked_at, row.acts_at, row.stopped_at, row.erased_at};
}

void announce_erasure(store::Tx& tx, const store::ErasureRow& row, std::string_view type, json::object data,
                      Moment& moment) {
  data["subject"] = row.subject.text();
  announce_body(
      tx, row.account, type,
      canonical_json(json::object{{"type", type}, {"timestamp", to_rfc3339(moment.now)}, {"data", std::move(data)}}),
      moment);
}

/// Nothing about the subject is left, or came again.
bool has_nothing(store::Tx& tx, const AccountId& account, const SubjectId& subject) {
  return store::contacts_of(tx, account, subject).empty() && store::factors_of(tx, account, subject).empty();
}

void cancel_open(store::Tx& tx, const Context& context, const Caller& caller, const History& history, Moment& moment) {
  for (auto& row : store::unclaimed_transactions(tx, caller.account, history.subject, history.service, kCancelMax)) {
    auto ended = domain::canceled(std::move(row.state), moment.now);
    if (!ended) continue;  // It has lapsed by itself.
    row.state = *std::move(ended);
    static_cast<void>(close_transaction(tx, context, caller, row, moment));
  }
}

}  // namespace

void erase_subject(store::Tx& tx, const Context& context, store::ErasureRow row, Moment& moment) {
  const Caller system{row.account, "system", "", std::nullopt};
  const auto histories = histories_of(tx, context, row.account, row.subject);
  for (const auto& history : histories) cancel_open(tx, context, system, history, moment);
  store::erase_personal_data(tx, context.vault, row.account, row.subject, moment);
  for (const auto& history : histories) {
    for (const auto& binding : history.bindings)
      store::forget_address(tx, row.account, AddressId{binding.source});  // Those of removed contacts, too.
    store::save_history(tx, row.account,
                        domain::standing::close_founding(no_history(history.subject, history.service), moment.now),
                        std::nullopt);
  }
  row.acts_at.reset();
  row.told.clear();
  row.erased_at = moment.now;
  store::save_erasure(tx, row);
  record(tx, context, system, "subject.erased", row.subject, Facts(), moment);
  announce_erasure(tx, row, "subject.erased", {}, moment);
}

Answer<ErasureView> ask_for_erasure(store::Tx& tx, const Context& context, const Caller& caller,
                                    std::string_view identity, Moment& moment) {
  const auto subject = store::find_subject(tx, context.vault, caller.account, identity);
  if (!subject) return refuse(Code::kNotFound);
  const auto before = store::find_erasure(tx, caller.account, *subject);
  if (before && before->acts_at) return erasure_view(*before);
  if (before && before->erased_at && has_nothing(tx, caller.account, *subject)) return refuse(Code::kNotFound);
  store::ErasureRow row;
  row.account = caller.account;
  row.subject = *subject;
  row.asked_at = moment.now;
  row.acts_at = moment.now + kErasureWait;
  if (before) row.erased_at = before->erased_at;  // That it happened once is not forgotten.
  store::save_erasure(tx, row);
  record(tx, context, caller, "subject.erasure_asked", *subject, Facts(), moment);
  announce_erasure(tx, row, "subject.erasure_asked", {{"acts_at", to_rfc3339(*row.acts_at)}}, moment);
  ErasureNotices notices;
  for (const auto& history : histories_of(tx, context, caller.account, *subject))
    tell_of_erasure(tx, context, caller, history, notices, moment);
  if (const Duration wait = notices.wait(); wait > Duration::zero()) {
    tx.abandon();
    note_limit(tx, context, caller.account, "notices_per_contact");
    return fail(Problem{Code::kRateLimited, "who must be told has had as many notices as allowed", "", wait});
  }
  return erasure_view(row);
}

Answer<Done> stop_erasure(store::Tx& tx, const Context& context, const Caller& caller, const SubjectId& subject,
                          std::string_view by, Moment& moment) {
  auto row = store::find_erasure(tx, caller.account, subject);
  if (!row || !row->acts_at) return refuse(Code::kNotFound);
  row->acts_at.reset();
  row->stopped_at = moment.now;
  store::save_erasure(tx, *row);
  record(tx, context, caller, "subject.erasure_stopped", subject, Facts().text("by", by), moment);
  announce_erasure(tx, *row, "subject.erasure_stopped", {{"by", by}}, moment);
  return Done{};
}

int erase_due(store::Tx& tx, const Context& context, int limit, Moment& moment, const store::SetAsideKeys& aside) {
  auto due = store::due_erasures(tx, moment.now, limit, aside);
  for (auto& row : due) {
    if (context.settings.accounts.contains(row.account)) {
      const std::string key = std::string(row.account.bytes()).append(row.subject.bytes());
      store::naming_row("erasures", key, [&] { erase_subject(tx, context, row, moment); });
    } else {  // Not configured here at the moment: looked at again tomorrow.
      row.acts_at = moment.now + std::chrono::hours(24);
      store::save_erasure(tx, row);
    }
  }
  return static_cast<int>(due.size());
}

}  // namespace countersign::usecase
