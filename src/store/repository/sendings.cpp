#include "store/repository/sendings.h"

#include <charconv>

#include "store/error.h"

namespace countersign::store {

namespace {

std::string line_of(const Sending& s) {
  std::string line = s.message.text();
  line.append(1, ' ').append(contact::to_text(s.channel)).append(1, ' ');
  return line.append(std::to_string(to_micros(s.sent_at))).append(1, '\n');
}

std::optional<Sending> read_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto second = line.rfind(' ');
  if (first == std::string_view::npos || second == first) return std::nullopt;
  const auto message = MessageId::parse(line.substr(0, first));
  const auto channel = contact::parse_channel(line.substr(first + 1, second - first - 1));
  const auto number = line.substr(second + 1);
  std::int64_t micros = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), micros);
  if (!message || !channel || error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  return Sending{*message, *channel, from_micros(micros)};
}

std::string sendings_text(Tx& tx, const AccountId& account, const VerificationId& id) {
  static const Sql kFind{
      "SELECT sendings FROM verifications WHERE account_id = ?1 AND transaction_id = ?2 AND id = ?2"};
  std::string text;
  tx.one(kFind, {account, id}, [&](const Row& row) { text = row.optional_string(0).value_or(""); });
  return text;
}

#define CS_ATTEMPT_TABLES                                                                        \
  " FROM messages m"                                                                             \
  " JOIN verifications v ON v.account_id = m.account_id AND v.transaction_id = m.transaction_id" \
  " AND v.id = m.verification_id"                                                                \
  " JOIN transactions t ON t.account_id = m.account_id AND t.id = m.transaction_id"              \
  " JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id"                      \
  " WHERE m.account_id = ?1 AND t.type = '$code'"
#define CS_ATTEMPT_COLUMNS                                                                                           \
  "SELECT m.id, m.verification_id, t.service_id, m.channel, c.address_id, c.address_sealed, m.status, m.error_code," \
  " t.locale, v.status, m.finished_at"
// A filter that is absent has a flag of 0 and a value that is not looked at: a parameter that is only asked whether it
// is null has no type on every engine.
#define CS_ATTEMPT_FILTERS                                                                         \
  " AND m.id >= ?2 AND m.id < ?3 AND (?8 = 0 OR t.service_id = ?4) AND (?9 = 0 OR m.channel = ?5)" \
  " AND (?10 = 0 OR m.verification_id = ?6)"                                                       \
  " AND (?7 = 2 OR (CASE WHEN v.status = 'approved' THEN 1 ELSE 0 END) = ?7)"

AttemptRow read_attempt(const Row& row, const Vault& vault) {
  const auto channel = contact::parse_channel(row.text(3));
  const auto status = domain::parse_verification_status(row.text(9));
  if (!channel || !status) throw StoreFailure({StoreError::Code::kUnreadable, "unknown word in an attempt"});
  AttemptRow a;
  a.id = row.id<MessageId>(0);
  a.verification = row.id<VerificationId>(1);
  a.service = row.id<ServiceId>(2);
  a.channel = *channel;
  a.to = vault.open(row.blob(5), "addresses", row.blob(4), "address").expose();
  a.message_status = row.string(6);
  a.error_code = row.optional_string(7);
  a.locale = row.string(8);
  a.verification_status = *status;
  a.finished_at = row.optional_time(10);
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

std::string first_sending(const Sending& sending) { return line_of(sending); }

std::vector<Sending> sendings_of(Tx& tx, const AccountId& account, const VerificationId& id) {
  const std::string text = sendings_text(tx, account, id);
  std::vector<Sending> sendings;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto sending = read_line(rest.substr(0, end));
    if (!sending || end == std::string_view::npos) throw StoreFailure({StoreError::Code::kUnreadable, "sendings"});
    sendings.push_back(*sending);
    rest.remove_prefix(end + 1);
  }
  return sendings;
}

void note_sending(Tx& tx, const VerificationRow& row, const Sending& sending) {
  static const Sql kNote{
      "UPDATE verifications SET contact_id = ?3, channel = ?4, provider = ?5, sendings = ?6"
      " WHERE account_id = ?1 AND transaction_id = ?2 AND id = ?2"};
  const std::string text = sendings_text(tx, row.state.account, row.state.id) + line_of(sending);
  tx.put(kNote,
         {row.state.account, row.state.id, row.state.contact, contact::to_text(row.state.channel), row.provider, text});
}

std::vector<AttemptRow> list_attempts(Tx& tx, const Vault& vault, const AccountId& account,
                                      const AttemptFilter& filter) {
  static const Sql kList{CS_ATTEMPT_COLUMNS CS_ATTEMPT_TABLES CS_ATTEMPT_FILTERS " ORDER BY m.id DESC LIMIT ?11"};
  std::vector<AttemptRow> rows;
  tx.all(kList,
         {account, filter.from, end_of(filter), filter.service.value_or(ServiceId{}), channel_text(filter),
          filter.verification.value_or(VerificationId{}), converted_number(filter), filter.service.has_value(),
          filter.channel.has_value(), filter.verification.has_value(), filter.limit},
         [&](const Row& row) { rows.push_back(read_attempt(row, vault)); });
  return rows;
}

std::optional<AttemptRow> find_attempt(Tx& tx, const Vault& vault, const AccountId& account, const MessageId& id) {
  static const Sql kFind{CS_ATTEMPT_COLUMNS CS_ATTEMPT_TABLES " AND m.id = ?2"};
  std::optional<AttemptRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) { found = read_attempt(row, vault); });
  return found;
}

AttemptCounts count_attempts(Tx& tx, const AccountId& account, const AttemptFilter& filter) {
  static const Sql kCount{
      "SELECT COUNT(*), COALESCE(SUM(CASE WHEN v.status = 'approved' THEN 1 ELSE 0 END), 0)" CS_ATTEMPT_TABLES
          CS_ATTEMPT_FILTERS};
  AttemptCounts counts;
  tx.one(kCount,
         {account, filter.from, end_of(filter), filter.service.value_or(ServiceId{}), channel_text(filter),
          filter.verification.value_or(VerificationId{}), converted_number(filter), filter.service.has_value(),
          filter.channel.has_value(), filter.verification.has_value()},
         [&](const Row& row) { counts = {row.integer(0), row.integer(1)}; });
  return counts;
}

}  // namespace countersign::store
