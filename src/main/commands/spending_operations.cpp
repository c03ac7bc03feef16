#include "main/commands/spending_operations.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>

#include "base/encoding.h"
#include "base/test_account.h"
#include "main/commands/operator_event.h"
#include "store/repository/accounts.h"
#include "usecase/spending/switch.h"

namespace countersign::main {

namespace {

json::value time_or_null(const std::optional<WallTime>& at) {
  return at ? json::value(to_rfc3339(*at)) : json::value(nullptr);
}

}  // namespace

AdminAnswer switch_spending(const AdminContext& context, const json::object& arguments) {
  const auto only = json_text(arguments, "account");
  const auto* stopped = arguments.if_contains("stopped");
  if (stopped == nullptr || !stopped->is_bool()) return fail(std::string("the request does not say whether to stop"));
  const bool stop = stopped->get_bool();
  const auto at = stop ? std::optional(context.clock.now()) : std::nullopt;
  const auto written = context.store.transact_now([&](store::Tx& tx) -> AdminAnswer {
    Moment moment{context.clock.now(), context.random};
    const auto account = only ? store::find_account(tx, *only) : std::nullopt;
    if (only && !account) return fail(fmt::format("there is no account \"{}\"", *only));
    json::array names;
    if (account && !(stop && usecase::account_stopped_at(tx, *account))) usecase::set_spending(tx, *account, at);
    if (!only && !(stop && usecase::all_stopped_at(tx))) usecase::set_all_spending(tx, at);
    for (const auto& [id, name] : store::account_names(tx)) {
      if (is_test(id) || (only && id != *account)) continue;
      record(tx, context, id, stop ? "spending.stopped" : "spending.started", "{}", moment);
      usecase::tell_of_spending(tx, id, stop, moment);
      names.push_back(json::value(name));
    }
    return json::object{{"stopped", stop}, {"accounts", std::move(names)}};
  });
  return written ? *written : AdminAnswer(fail(written.error().detail));
}

AdminAnswer show_spending(const AdminContext& context, const json::object& /*arguments*/) {
  const auto found = context.store.read_now([](store::Tx& tx) {
    json::array accounts;
    for (const auto& [id, name] : store::account_names(tx)) {
      if (!is_test(id))
        accounts.push_back(
            json::object{{"name", name}, {"stopped_at", time_or_null(usecase::account_stopped_at(tx, id))}});
    }
    return json::object{{"stopped_at", time_or_null(usecase::all_stopped_at(tx))}, {"accounts", std::move(accounts)}};
  });
  if (!found) return fail(found.error().detail);
  return *found;
}

}  // namespace countersign::main
