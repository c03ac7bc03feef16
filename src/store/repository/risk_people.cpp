#include "store/repository/risk_people.h"

namespace countersign::store {

std::optional<std::string> find_profile(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kFind{R"sql(
      SELECT content
      FROM risk_people
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  std::optional<std::string> content;
  tx.one(kFind, {account, subject}, [&](const Row& row) { content = row.string(kFind["content"]); });
  return content;
}

void save_profile(Tx& tx, const AccountId& account, const SubjectId& subject, std::string_view content,
                  std::int64_t day) {
  static constexpr Sql kSave{R"sql(
      INSERT INTO risk_people (account_id, subject_id, content, day)
      VALUES (:account_id, :subject_id, :content, :day)
      ON CONFLICT (account_id, subject_id) DO UPDATE
      SET content = :content, day = :day
  )sql"};
  tx.put(kSave, {{"account_id", account}, {"subject_id", subject}, {"content", content}, {"day", day}});
}

void delete_profile(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kDelete{R"sql(
      DELETE FROM risk_people
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kMarks{R"sql(
      DELETE FROM risk_typed
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  tx.put(kDelete, {{"account_id", account}, {"subject_id", subject}});
  tx.put(kMarks, {{"account_id", account}, {"subject_id", subject}});
}

void count_people(Tx& tx, const AccountId& account, const Link& link, std::int64_t people, std::int64_t day) {
  static constexpr Sql kCount{R"sql(
      INSERT INTO risk_links (account_id, kind, bucket, link_key, people, day)
      VALUES (:account_id, :kind, :bucket, :link_key, :people, :day)
      ON CONFLICT (account_id, kind, bucket, link_key) DO UPDATE
      SET people = risk_links.people + :people, day = :day
  )sql"};
  tx.put(kCount, {{"account_id", account},
                  {"kind", static_cast<std::int64_t>(link.kind)},
                  {"bucket", link.bucket},
                  {"link_key", Blob{link.key}},
                  {"people", people},
                  {"day", day}});
}

std::int64_t purge_risk_people(Tx& tx, const AccountId& account, std::int64_t today, int limit) {
  static constexpr Sql kPeople{R"sql(
      DELETE FROM risk_people
      WHERE account_id = :account_id AND subject_id IN (
        SELECT subject_id
        FROM risk_people
        WHERE account_id = :account_id AND day < :before
        LIMIT :limit
      )
  )sql"};
  static constexpr Sql kOld{R"sql(
      SELECT kind, bucket, link_key
      FROM risk_links
      WHERE account_id = :account_id AND ((kind < 3 AND day < :before) OR day < :payouts_before)
      LIMIT :limit
  )sql"};
  static constexpr Sql kDelete{R"sql(
      DELETE FROM risk_links
      WHERE account_id = :account_id AND kind = :kind AND bucket = :bucket AND link_key = :link_key
  )sql"};
  std::vector<Link> old;
  tx.all(kOld,
         {{"account_id", account},
          {"before", today - kLinkDaysKept},
          {"payouts_before", today - kPayoutDaysKept},
          {"limit", limit}},
         [&](const Row& row) {
           old.push_back({static_cast<LinkKind>(row.integer(kOld["kind"])), row.integer(kOld["bucket"]),
                          row.bytes(kOld["link_key"])});
         });
  for (const auto& link : old) {
    tx.put(kDelete, {{"account_id", account},
                     {"kind", static_cast<std::int64_t>(link.kind)},
                     {"bucket", link.bucket},
                     {"link_key", Blob{link.key}}});
  }
  const auto people =
      tx.exec(kPeople, {{"account_id", account}, {"before", today - kPayoutDaysKept}, {"limit", limit}});
  return static_cast<std::int64_t>(old.size()) + people;
}

}  // namespace countersign::store
