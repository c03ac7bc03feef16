#include "usecase/spending/switch.h"

#include <boost/json/object.hpp>

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"
#include "store/repository/provider_marks.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/spending/outlay.h"

namespace countersign::usecase {

namespace {

std::optional<WallTime> mark_of(const std::map<std::string, WallTime, std::less<>>& marks, std::string_view name) {
  const auto found = marks.find(name);
  return found == marks.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::optional<WallTime> all_stopped_at(store::Tx& tx) { return mark_of(store::drained_providers(tx), kAllSpending); }

std::optional<WallTime> account_stopped_at(store::Tx& tx, const AccountId& account) {
  return mark_of(store::drained_providers(tx), name_of_spending(account));
}

std::optional<WallTime> stopped_at(store::Tx& tx, const AccountId& account) {
  const auto marks = store::drained_providers(tx);
  const auto all = mark_of(marks, kAllSpending);
  const auto own = mark_of(marks, name_of_spending(account));
  return all && own ? std::min(all, own) : all ? all : own;
}

void set_spending(store::Tx& tx, const AccountId& account, std::optional<WallTime> at) {
  store::set_drained(tx, name_of_spending(account), at);
}

void set_all_spending(store::Tx& tx, std::optional<WallTime> at) { store::set_drained(tx, kAllSpending, at); }

void tell_of_spending(store::Tx& tx, const AccountId& account, bool stopped, Moment& moment) {
  const auto type = event_of_spending(stopped);
  enqueue_webhook_body(
      tx, account, type,
      canonical_json(json::object{
          {"type", type}, {"timestamp", to_rfc3339(moment.now)}, {"data", json::object{{"stopped", stopped}}}}),
      moment);
}

Answer<std::optional<WallTime>> switch_spending(const Work& work, bool stopped) {
  if (!work.caller.may_administer) return refuse(Code::kMayNotAdminister, "use an API key with the scope admin");
  const AccountId& account = work.caller.account;
  if (account_stopped_at(work.tx, account).has_value() != stopped) {
    set_spending(work.tx, account, stopped ? std::optional(work.moment.now) : std::nullopt);
    if (stopped)
      record(work, "spending.stopped", Facts());
    else
      record(work, "spending.started", Facts());
    tell_of_spending(work.tx, account, stopped, work.moment);
  }
  return stopped_at(work.tx, account);
}

}  // namespace countersign::usecase
