#include "main/commands/risk_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/ascii.h"
#include "main/config/parts.h"
#include "main/settings.h"
#include "risk/replay.h"
#include "store/repository/accounts.h"
#include "store/repository/risk_decisions.h"
#include "usecase/risk/review.h"

namespace countersign::main {

namespace {

/// Rows of decisions that one read looks at, so that no reader is held for long.
constexpr int kRowsAtOnce = 200;

std::string account_name(const AdminContext& context, const json::object& arguments) {
  if (const auto name = json_text(arguments, "account")) return std::string(*name);
  return context.config.accounts.empty() ? std::string() : context.config.accounts.front().name;
}

std::string no_account(const std::string& name) { return fmt::format("there is no account \"{}\"", name); }

/// A person's name in the log: no blanks, nothing that means something there.
bool is_operator_name(std::string_view name) {
  constexpr std::size_t kMax = 64;
  return !name.empty() && name.size() <= kMax && std::ranges::all_of(name, [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == '@';
  });
}

std::string why_undecided(const usecase::Problem& problem) {
  if (problem.code == usecase::Code::kNotFound) return "there is no such transaction of the account";
  if (problem.code == usecase::Code::kSameReviewer) return "two persons must allow it, and this one already has";
  return problem.detail.empty() ? "it cannot be decided" : problem.detail;
}

json::object totals_json(const risk::Replay::Totals& totals) {
  json::object money;
  for (const auto& [currency, sum] : totals.money) money[currency] = sum;
  return {{"decisions", totals.decisions},
          {"people", totals.people.size()},
          {"established", totals.established.size()},
          {"money", std::move(money)}};
}

}  // namespace

AdminAnswer decide_risk_review(const AdminContext& context, const json::object& arguments) {
  const auto id = TransactionId::parse(json_text_or_empty(arguments, "transaction"));
  if (!id) return fail(std::string("that is no id of a transaction, TX…"));
  const auto word = json_text_or_empty(arguments, "word");
  if (word != "allow" && word != "refuse") return fail(std::string("the request has no word"));
  const auto whose = json_text_or_empty(arguments, "as");
  if (!is_operator_name(whose)) return fail(std::string("--as must be a name of letters, digits, . - _ or @"));
  const auto name = account_name(context, arguments);
  using Outcome = usecase::Answer<store::TransactionRow>;
  const auto done = context.store.transact_now([&](store::Tx& tx) -> std::optional<Outcome> {
    const auto account = store::find_account(tx, name);
    if (!account) return std::nullopt;
    Moment moment{context.clock.now(), context.random};
    const auto settings = settings_of_known(context.config, tx, context.random);
    const usecase::Context about{settings, context.vault, context.event_ids};
    usecase::Caller by{*account, "operator", "", std::nullopt};
    by.may_administer = true;
    const usecase::Work work{tx, about, by, moment};
    return word == "allow" ? usecase::allow_review(work, *id, whose) : usecase::refuse_review(work, *id, whose);
  });
  if (!done) return fail(done.error().detail);
  if (!*done) return fail(no_account(name));
  if (!**done) return fail(why_undecided((**done).error()));
  const auto& state = (**done)->state;
  return json::object{{"transaction", id->text()},
                      {"status", domain::to_text(state.status)},
                      {"needs_another", state.review.has_value()}};
}

AdminAnswer list_risk_reviews(const AdminContext& context, const json::object& arguments) {
  const auto name = account_name(context, arguments);
  constexpr int kMost = 200;
  const auto rows = context.store.read_now([&](store::Tx& tx) -> std::optional<std::vector<store::TransactionRow>> {
    const auto account = store::find_account(tx, name);
    if (!account) return std::nullopt;
    return store::transactions_to_review(tx, *account, context.clock.now(), std::nullopt, kMost);
  });
  if (!rows) return fail(rows.error().detail);
  if (!*rows) return fail(no_account(name));
  json::array all;
  for (const auto& row : **rows) {
    std::string rules;
    for (const auto& rule : row.risk.rules) rules.append(rules.empty() ? "" : ", ").append(rule);
    all.push_back(json::object{{"transaction", row.state.id.text()},
                               {"type", row.type},
                               {"status", domain::to_text(row.state.status)},
                               {"until", to_rfc3339(row.state.review->until)},
                               {"rules", rules}});
  }
  return json::object{{"reviews", std::move(all)}};
}

AdminAnswer replay_risk(const AdminContext& context, const json::object& arguments) {
  const auto name = account_name(context, arguments);
  auto rules = rules_of_file(json_text_or_empty(arguments, "rules"), json_text_or_empty(arguments, "file"), name);
  if (!rules) return fail(rules.error());
  const auto* since = arguments.if_contains("since");
  if (since == nullptr || !since->is_int64()) return fail(std::string("the request does not say since when"));
  const store::TimeRange range{from_micros(since->get_int64()), context.clock.now()};
  risk::Replay replay(*std::move(rules));
  std::string after;
  do {
    const auto next = context.store.read_now([&](store::Tx& tx) -> std::optional<std::string> {
      const auto account = store::find_account(tx, name);
      if (!account) return std::nullopt;
      return store::read_decisions(tx, *account, range, after, kRowsAtOnce, [&](const risk::Record& record) {
        const std::string person = record.subject ? std::string(record.subject->bytes()) : record.keys.device;
        replay.add({record.decision.point, record.decision.outcome, record.features, person});
      });
    });
    if (!next) return fail(next.error().detail);
    if (!*next) return fail(no_account(name));
    after = **next;
  } while (!after.empty());
  json::object by_rule;
  for (const auto& [rule, totals] : replay.by_rule()) by_rule[rule] = totals_json(totals);
  return json::object{{"all", totals_json(replay.all())},
                      {"stopped", totals_json(replay.stopped())},
                      {"asked", totals_json(replay.asked())},
                      {"missed", totals_json(replay.missed())},
                      {"rules", std::move(by_rule)}};
}

}  // namespace countersign::main
