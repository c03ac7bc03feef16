#include "store/repository/attempts.h"

#include "store/error.h"

namespace countersign::store {

namespace {

constexpr Columns kAttempt{R"sql(
    m.id, m.verification_id, t.service_id, m.channel, c.address_id, c.address_sealed, m.status AS message_status,
    m.error_code, t.locale, t.status AS transaction_status, m.finished_at
)sql"};

/// Where attempts are found: FROM {{attempts}}. A recipient has one address, and one contact with it by each channel.
constexpr Token kAttempts{"attempts", R"sql(
      messages m
      JOIN transactions t ON t.account_id = m.account_id AND t.id = m.transaction_id
      JOIN contacts c ON c.account_id = t.account_id AND c.subject_id = t.subject_id AND c.channel = m.channel
)sql"};

/// Which of them: WHERE {{filter}}. What is absent in a filter has a flag of 0 and a value that is not looked at: a
/// parameter that is only asked whether it is null has no type on every engine. `converted` is 2 where either will do:
/// a standalone code is released by its right code, and by nothing else.
constexpr Token kAttemptFilter{"filter", R"sql(
        m.account_id = :account_id AND t.type = '$code' AND m.id >= :from AND m.id < :end
        AND (:one_service = 0 OR t.service_id = :service_id)
        AND (:one_channel = 0 OR m.channel = :channel)
        AND (:one_verification = 0 OR m.verification_id = :verification_id)
        AND (:converted = 2 OR (CASE WHEN t.status = 'released' THEN 1 ELSE 0 END) = :converted)
)sql"};

AttemptRow read_attempt(const Row& row, const Vault& vault) {
  const auto channel = contact::parse_channel(row.text(kAttempt["channel"]));
  if (!channel) throw StoreFailure({StoreError::Code::kUnreadable, "unknown word in an attempt"});
  AttemptRow a;
  a.id = row.id<MessageId>(kAttempt["id"]);
  a.verification = row.id<VerificationId>(kAttempt["verification_id"]);
  a.service = row.id<ServiceId>(kAttempt["service_id"]);
  a.channel = *channel;
  a.to = vault.open(row.blob(kAttempt["address_sealed"]), "addresses", row.blob(kAttempt["address_id"]), "address")
             .expose();
  a.message_status = row.string(kAttempt["message_status"]);
  a.error_code = row.optional_string(kAttempt["error_code"]);
  a.locale = row.string(kAttempt["locale"]);
  a.converted = row.text(kAttempt["transaction_status"]) == "released";
  a.finished_at = row.optional_time(kAttempt["finished_at"]);
  return a;
}

MessageId end_of(const AttemptFilter& filter) {
  MessageId last;
  last.id.raw.fill(0xFF);
  return filter.before.value_or(last);
}

std::string_view channel_text(const AttemptFilter& filter) {
  return filter.channel ? contact::to_text(*filter.channel) : std::string_view();
}

int converted_number(const AttemptFilter& filter) { return filter.converted ? int{*filter.converted} : 2; }

}  // namespace

std::vector<AttemptRow> list_attempts(Tx& tx, const Vault& vault, const AccountId& account,
                                      const AttemptFilter& filter) {
  static constexpr Sql kList{{kAttempt, kAttempts, kAttemptFilter}, R"sql(
      SELECT {{columns}}
      FROM {{attempts}}
      WHERE {{filter}}
      ORDER BY m.id DESC
      LIMIT :limit
  )sql"};
  std::vector<AttemptRow> rows;
  tx.all(kList,
         {{"account_id", account},
          {"from", filter.from},
          {"end", end_of(filter)},
          {"one_service", filter.service.has_value()},
          {"service_id", filter.service.value_or(ServiceId{})},
          {"one_channel", filter.channel.has_value()},
          {"channel", channel_text(filter)},
          {"one_verification", filter.verification.has_value()},
          {"verification_id", filter.verification.value_or(VerificationId{})},
          {"converted", converted_number(filter)},
          {"limit", filter.limit}},
         [&](const Row& row) { rows.push_back(read_attempt(row, vault)); });
  return rows;
}

std::optional<AttemptRow> find_attempt(Tx& tx, const Vault& vault, const AccountId& account, const MessageId& id) {
  static constexpr Sql kFind{{kAttempt, kAttempts}, R"sql(
      SELECT {{columns}}
      FROM {{attempts}}
      WHERE m.account_id = :account_id AND t.type = '$code' AND m.id = :id
  )sql"};
  std::optional<AttemptRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) { found = read_attempt(row, vault); });
  return found;
}

AttemptCounts count_attempts(Tx& tx, const AccountId& account, const AttemptFilter& filter) {
  static constexpr Sql kCount{{kAttempts, kAttemptFilter}, R"sql(
      SELECT
        COUNT(*) AS attempts,
        COALESCE(SUM(CASE WHEN t.status = 'released' THEN 1 ELSE 0 END), 0) AS converted
      FROM {{attempts}}
      WHERE {{filter}}
  )sql"};
  AttemptCounts counts;
  tx.one(kCount,
         {{"account_id", account},
          {"from", filter.from},
          {"end", end_of(filter)},
          {"one_service", filter.service.has_value()},
          {"service_id", filter.service.value_or(ServiceId{})},
          {"one_channel", filter.channel.has_value()},
          {"channel", channel_text(filter)},
          {"one_verification", filter.verification.has_value()},
          {"verification_id", filter.verification.value_or(VerificationId{})},
          {"converted", converted_number(filter)}},
         [&](const Row& row) { counts = {row.integer(kCount["attempts"]), row.integer(kCount["converted"])}; });
  return counts;
}

}  // namespace countersign::store
