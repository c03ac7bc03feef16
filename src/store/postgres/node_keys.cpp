#include "store/postgres/node_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "store/postgres/side_by_side.h"

namespace countersign::store::postgres {

namespace {

std::string array_of(const auto& wanted) {
  std::string text = "{";
  for (const auto& each : wanted) {
    if (text.size() > 1) text += ',';
    fmt::format_to(std::back_inserter(text), "{}", each.number);
  }
  return text + '}';
}

void append_bytes(std::string& array, std::string_view bytes) {
  array += array.empty() ? R"({"\\x)" : R"(","\\x)";
  for (const char byte : bytes) fmt::format_to(std::back_inserter(array), "{:02x}", static_cast<unsigned char>(byte));
}

/// Answers with those that another node has.
constexpr Sql kTake{R"sql(
    SELECT number
    FROM unnest(CAST(:numbers AS bigint[])) AS number
    WHERE NOT pg_try_advisory_xact_lock(number)
)sql"};

/// Key::number() of the id in a column.
constexpr Token kNumberOfOwn{
    "number", "CAST(CAST('x' || encode(substr(s.id, 9, 8), 'hex') AS bit(64)) | CAST(B'1' AS bit(64)) AS bigint)"};
constexpr Token kNumberOfSubject{
    "number",
    "CAST(CAST('x' || encode(substr(t.subject_id, 9, 8), 'hex') AS bit(64)) | CAST(B'1' AS bit(64)) AS bigint)"};
constexpr Token kNumberOfAddress{
    "number",
    "CAST(CAST('x' || encode(substr(c.address_id, 9, 8), 'hex') AS bit(64)) | CAST(B'1' AS bit(64)) AS bigint)"};
constexpr Token kEach{
    "each_row",
    "unnest(CAST(:accounts AS bytea[]), CAST(:ids AS bytea[])) WITH ORDINALITY AS r(account_id, id, place)"};
constexpr int kPlace = 0;
constexpr int kNumber = 1;
constexpr int kHad = 2;

}  // namespace

std::optional<std::uint64_t> NodeKeys::had_since(std::int64_t number) const {
  const auto found = known_.find(number);
  return found == known_.end() || found->second == kRefused ? std::nullopt : std::optional(found->second);
}

bool NodeKeys::is_refused(std::int64_t number) const {
  const auto found = known_.find(number);
  return found != known_.end() && found->second == kRefused;
}

void NodeKeys::want(Named what, std::string_view account, std::string_view id, Strand& by) {
  wanted_names_.push_back({what, std::string(account), std::string(id), &by});
}

void NodeKeys::forget(const Strand& by) {
  std::erase_if(wanted_, [&](const Wanted& wanted) { return wanted.by == &by; });
  std::erase_if(wanted_names_, [&](const WantedByName& wanted) { return wanted.by == &by; });
}

void NodeKeys::ask(std::uint64_t statement) {
  if (!wanted_.empty()) {
    const std::string numbers = array_of(wanted_);
    connection_.ask(kTake, {numbers}, this);
    asked_.push_back({statement, std::move(wanted_), {}});
    wanted_.clear();
  }
  if (wanted_names_.empty()) return;
  for (const Named what : {Named::kSubjectOfIdentity, Named::kSubjectOfTransaction, Named::kAddressesOfTransaction})
    ask_for_named(what, statement);
}

void NodeKeys::ask_for_named(Named what, std::uint64_t statement) {
  static constexpr Sql kSubjectsOfIdentities{{kNumberOfOwn, kEach}, R"sql(
      SELECT r.place, {{number}}, pg_try_advisory_xact_lock({{number}})
      FROM {{each_row}}
      JOIN subjects s ON s.account_id = r.account_id AND s.identity_index = r.id
  )sql"};
  static constexpr Sql kSubjects{{kNumberOfSubject, kEach}, R"sql(
      SELECT r.place, {{number}}, pg_try_advisory_xact_lock({{number}})
      FROM {{each_row}}
      JOIN transactions t ON t.account_id = r.account_id AND t.id = r.id
  )sql"};
  static constexpr Sql kAddresses{{kNumberOfAddress, kEach}, R"sql(
      SELECT r.place, {{number}}, pg_try_advisory_xact_lock({{number}})
      FROM {{each_row}}
      JOIN transactions t ON t.account_id = r.account_id AND t.id = r.id
      JOIN contacts c ON c.account_id = t.account_id AND c.subject_id = t.subject_id
  )sql"};
  Question question{statement, {}, {}};
  std::string accounts;
  std::string ids;
  for (auto& wanted : wanted_names_) {
    if (wanted.what != what) continue;
    append_bytes(accounts, wanted.account);
    append_bytes(ids, wanted.id);
    question.names.push_back(std::move(wanted));
  }
  if (question.names.empty()) return;
  std::erase_if(wanted_names_, [what](const WantedByName& wanted) { return wanted.what == what; });
  accounts += "\"}";
  ids += "\"}";
  const Sql& sql = what == Named::kSubjectOfIdentity      ? kSubjectsOfIdentities
                   : what == Named::kSubjectOfTransaction ? kSubjects
                                                          : kAddresses;
  connection_.ask(sql, {accounts, ids}, this);
  asked_.push_back(std::move(question));
}

void NodeKeys::insist(const Strand& by, std::uint64_t statement) {
  // A division by zero is the one error that a statement can raise by itself.
  static constexpr Sql kInsist{R"sql(
      SELECT 1 / CASE WHEN pg_try_advisory_xact_lock(number) THEN 1 ELSE 0 END
      FROM unnest(CAST(:numbers AS bigint[])) AS number
  )sql"};
  std::vector<Wanted> its;
  std::ranges::copy_if(wanted_, std::back_inserter(its), [&](const Wanted& wanted) { return wanted.by == &by; });
  forget(by);
  if (its.empty()) return;
  const std::string numbers = array_of(its);
  connection_.put(kInsist, {numbers});
  for (const auto& wanted : its) known_.insert_or_assign(wanted.number, statement);
}

std::vector<Strand*> NodeKeys::answered(const pg_result* result) {
  const Question question = std::move(asked_.front());
  asked_.pop_front();
  std::vector<Strand*> refused;
  const auto add = [&](Strand* by) {
    if (std::ranges::find(refused, by) == refused.end()) refused.push_back(by);
  };
  if (!question.keys.empty()) {
    for (const auto& wanted : question.keys) known_.insert_or_assign(wanted.number, question.statement);
    for (int i = 0; i < row_count(result); ++i)
      known_.insert_or_assign(Row(result, i).integer(kTake["number"]), kRefused);
    for (const auto& wanted : question.keys) {
      if (is_refused(wanted.number)) add(wanted.by);
    }
    return refused;
  }
  for (int i = 0; i < row_count(result); ++i) {
    const Row row(result, i);
    Strand* const by = question.names.at(static_cast<std::size_t>(row.integer(kPlace) - 1)).by;
    const std::int64_t number = row.integer(kNumber);
    if (row.boolean(kHad)) {
      if (!had_since(number)) known_.insert_or_assign(number, question.statement);
      by->named(number);
    } else {
      known_.insert_or_assign(number, kRefused);
      add(by);
    }
  }
  return refused;
}

}  // namespace countersign::store::postgres
