#include "store/repository/verifications.h"

#include <charconv>

#include "base/function_ref.h"
#include "store/error.h"
#include "store/repository/transactions.h"
#include "store/repository/verification_codec.h"

namespace countersign::store {

namespace {

/// Of the table in which verifications stood before schema step 14. Nothing is written there any more.
constexpr Columns kVerification{R"sql(
    id, contact_id, channel, provider, provider_ref, status, code_digest, code_valid_until, previous_digest,
    previous_valid_until, attempts, sends, created_at, last_sent_at, expires_at, send_fault, sendings
)sql"};

// sendings := a line for each, the oldest first, ended by a line feed, with a space between its words
//    message    its id as text, VL…
//    channel    contact::to_text
//    sent at    microseconds since the epoch
std::optional<domain::Sending> read_sending(std::string_view line) {
  const auto first = line.find(' ');
  const auto second = line.rfind(' ');
  if (first == std::string_view::npos || second == first) return std::nullopt;
  const auto message = MessageId::parse(line.substr(0, first));
  const auto channel = contact::parse_channel(line.substr(first + 1, second - first - 1));
  const auto number = line.substr(second + 1);
  std::int64_t micros = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), micros);
  if (!message || !channel || error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  return domain::Sending{*message, *channel, from_micros(micros)};
}

domain::Sendings read_sendings(std::string_view rest) {
  domain::Sendings sendings;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto sending = read_sending(rest.substr(0, end));
    if (!sending || end == std::string_view::npos) throw StoreFailure({StoreError::Code::kUnreadable, "sendings"});
    sendings.push_back(*sending);
    rest.remove_prefix(end + 1);
  }
  return sendings;
}

std::optional<domain::SentCode> read_code(const Row& row, int digest, int valid_until) {
  if (row.is_null(digest)) return std::nullopt;
  return domain::SentCode{row.bytes(digest), row.time(valid_until)};
}

VerificationRow read_verification(const Row& row, const AccountId& account, const TransactionId& transaction) {
  const auto channel = contact::parse_channel(row.text(kVerification["channel"]));
  const auto status = domain::parse_verification_status(row.text(kVerification["status"]));
  if (!channel || !status) throw StoreFailure({StoreError::Code::kUnreadable, "unknown word in verifications"});
  VerificationRow v;
  v.state.account = account;
  v.state.transaction = transaction;
  v.state.id = row.id<VerificationId>(kVerification["id"]);
  v.state.contact = row.id<ContactId>(kVerification["contact_id"]);
  v.state.channel = *channel;
  v.provider = row.string(kVerification["provider"]);
  v.provider_ref = row.optional_string(kVerification["provider_ref"]);
  v.state.status = *status;
  v.state.code = read_code(row, kVerification["code_digest"], kVerification["code_valid_until"]);
  v.state.previous_code = read_code(row, kVerification["previous_digest"], kVerification["previous_valid_until"]);
  v.state.attempts = static_cast<int>(row.integer(kVerification["attempts"]));
  v.state.sends = static_cast<int>(row.integer(kVerification["sends"]));
  v.state.created_at = row.time(kVerification["created_at"]);
  v.state.last_sent_at = row.time(kVerification["last_sent_at"]);
  v.state.expires_at = row.time(kVerification["expires_at"]);
  v.send_fault = row.optional_string(kVerification["send_fault"]);
  if (!row.is_null(kVerification["sendings"])) v.sendings = read_sendings(row.text(kVerification["sendings"]));
  return v;
}

/// In the form in which they now stand in the row.
std::string content_from_table(Tx& tx, const AccountId& account, const TransactionId& transaction) {
  static constexpr Sql kAll{kVerification, R"sql(
      SELECT {{columns}}
      FROM verifications
      WHERE account_id = :account_id AND transaction_id = :transaction_id
      ORDER BY id DESC
      LIMIT 100
  )sql"};
  std::vector<VerificationRow> rows;
  tx.all(kAll, {account, transaction},
         [&](const Row& row) { rows.push_back(read_verification(row, account, transaction)); });
  std::string content = no_verifications();
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) content = with_verification(content, *row);
  return content;
}

std::string content_of(Tx& tx, const TransactionRow& row) {
  return row.verifications_content ? *row.verifications_content
                                   : content_from_table(tx, row.state.account, row.state.id);
}

/// nullopt where there is no such transaction.
std::optional<std::string> find_content(Tx& tx, const AccountId& account, const TransactionId& transaction) {
  static constexpr Sql kFind{R"sql(
      SELECT verifications
      FROM transactions
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::optional<std::string> content;
  const bool found = tx.one(kFind, {account, transaction},
                            [&](const Row& row) { content = row.optional_bytes(kFind["verifications"]); });
  if (found && !content) content = content_from_table(tx, account, transaction);
  return content;
}

void save_content(Tx& tx, const AccountId& account, const TransactionId& transaction,
                  const std::optional<std::string>& content) {
  static constexpr Sql kSave{R"sql(
      UPDATE transactions
      SET verifications = :verifications
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kSave, {{"verifications", optional_blob(content)}, {"account_id", account}, {"id", transaction}});
}

void change_verification(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                         FunctionRef<void(VerificationRow&)> change) {
  const auto content = find_content(tx, account, transaction);
  auto v = content ? decode_verification(*content, account, transaction, id) : std::nullopt;
  if (!v) return;
  change(*v);
  save_content(tx, account, transaction, with_verification(*content, *v));
}

}  // namespace

std::vector<VerificationRow> verifications_of(Tx& tx, const TransactionRow& row) {
  return decode_verifications(content_of(tx, row), row.state.account, row.state.id);
}

std::optional<VerificationRow> find_verification(Tx& tx, const TransactionRow& row, const VerificationId& id) {
  return decode_verification(content_of(tx, row), row.state.account, row.state.id, id);
}

void put_verification(Tx& tx, TransactionRow& row, const VerificationRow& v) {
  row.verifications_content = with_verification(content_of(tx, row), v);
}

void save_verifications(Tx& tx, const TransactionRow& row) {
  save_content(tx, row.state.account, row.state.id, row.verifications_content);
}

std::optional<VerificationRow> find_verification(Tx& tx, const AccountId& account, const TransactionId& transaction,
                                                 const VerificationId& id) {
  const auto content = find_content(tx, account, transaction);
  return content ? decode_verification(*content, account, transaction, id) : std::nullopt;
}

void set_provider_ref(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                      std::string_view ref) {
  change_verification(tx, account, transaction, id, [&](VerificationRow& v) { v.provider_ref = ref; });
}

void set_provider(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                  std::string_view provider) {
  change_verification(tx, account, transaction, id, [&](VerificationRow& v) { v.provider = provider; });
}

void set_send_fault(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                    std::string_view fault) {
  change_verification(tx, account, transaction, id, [&](VerificationRow& v) { v.send_fault = fault; });
}

void clear_send_fault(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                      std::string_view fault) {
  change_verification(tx, account, transaction, id, [&](VerificationRow& v) {
    if (v.send_fault == fault) v.send_fault.reset();
  });
}

}  // namespace countersign::store
