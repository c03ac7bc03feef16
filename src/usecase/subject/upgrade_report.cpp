#include "usecase/subject/upgrade_report.h"

#include <set>
#include <utility>
#include <vector>

#include "contact/channel.h"
#include "domain/standing/counts.h"
#include "store/error.h"
#include "store/repository/transactions.h"
#include "usecase/subject/known_before.h"

namespace countersign::usecase {

namespace {

constexpr auto kOldQuiet = std::chrono::hours(72);  // The default of the version before.

struct Person {
  std::vector<OldContact> contacts;
  std::vector<OldFactor> factors;
  std::set<Id> carried;  ///< Sources that could approve by the old rules.
};
using People = std::map<std::pair<Id, Id>, Person>;  // By account and subject.

/// Only subjects that have held more than a standalone code.
void read_people(store::Tx& tx, People& people) {
  static constexpr store::Sql kHeld{R"sql(
      SELECT DISTINCT account_id, subject_id
      FROM transactions
      WHERE type <> :type
  )sql"};
  tx.all(kHeld, {store::type_text(domain::Purpose::kStandaloneCode)}, [&](const store::Row& row) {
    people.try_emplace({row.id<Id>(kHeld["account_id"]), row.id<Id>(kHeld["subject_id"])});
  });
}

void read_old_contacts(store::Tx& tx, People& people, WallTime now) {
  static constexpr store::Sql kAll{R"sql(
      SELECT account_id, subject_id, address_id, channel, known_since, proved_at, replaced_another
      FROM contacts
  )sql"};
  tx.all(kAll, {}, [&](const store::Row& row) {
    const auto person = people.find({row.id<Id>(kAll["account_id"]), row.id<Id>(kAll["subject_id"])});
    const auto channel = contact::parse_channel(row.text(kAll["channel"]));
    if (person == people.end() || !channel) return;
    const OldContact contact{row.id<Id>(kAll["address_id"]), domain::kind_of(domain::method_of(*channel)),
                             row.time(kAll["known_since"]), row.optional_time(kAll["proved_at"])};
    if (!row.boolean(kAll["replaced_another"]) || now - contact.known_since >= kOldQuiet)
      person->second.carried.insert(contact.address);
    person->second.contacts.push_back(contact);
  });
}

void read_old_factors(store::Tx& tx, People& people, WallTime now) {
  static constexpr store::Sql kAll{R"sql(
      SELECT account_id, subject_id, id, confirmed_at, removed_at, added_to_another, status
      FROM factors
      WHERE confirmed_at IS NOT NULL
  )sql"};
  tx.all(kAll, {}, [&](const store::Row& row) {
    const auto person = people.find({row.id<Id>(kAll["account_id"]), row.id<Id>(kAll["subject_id"])});
    if (person == people.end()) return;
    const OldFactor factor{row.id<Id>(kAll["id"]), row.time(kAll["confirmed_at"]),
                           row.optional_time(kAll["removed_at"])};
    const bool quiet = row.boolean(kAll["added_to_another"]) && now - factor.confirmed_at < kOldQuiet;
    if (row.text(kAll["status"]) == "active" && !quiet) person->second.carried.insert(factor.id);
    person->second.factors.push_back(factor);
  });
}

std::string_view name_of(domain::Kind kind) {
  switch (kind) {
    case domain::Kind::kPhone:
      return "telephone";
    case domain::Kind::kEmail:
      return "mailbox";
    default:
      return "authenticator";
  }
}

void judge_person(UpgradeReport& report, const SubjectId& subject, const Person& person,
                  const domain::standing::Rules& rules, WallTime now) {
  if (person.carried.empty()) return;
  ++report.subjects;
  const auto history = known_before(subject, ServiceId{}, person.contacts, person.factors, rules);
  std::set<std::string> why;
  bool any = false;
  for (const auto& binding : history.bindings) {
    const auto counts = domain::standing::counts(history, binding, now, now);
    any = any || counts.own();
    if (counts.own() || !person.carried.contains(binding.source)) continue;
    if (counts.counts_from && (!report.until || *report.until < *counts.counts_from)) report.until = counts.counts_from;
    why.insert(std::string(name_of(binding.kind)) + ": " + std::string(domain::standing::to_text(counts.why_not)));
  }
  if (why.empty()) return;
  ++report.losing;
  if (!any) ++report.without_any;
  for (const auto& reason : why) ++report.why[reason];
}

}  // namespace

UpgradeReport report_upgrade(store::Tx& tx, const domain::standing::Rules& rules, WallTime now) {
  People people;
  read_people(tx, people);
  read_old_contacts(tx, people, now);
  read_old_factors(tx, people, now);
  UpgradeReport report;
  for (const auto& [key, person] : people) judge_person(report, SubjectId{key.second}, person, rules, now);
  return report;
}

}  // namespace countersign::usecase
