#include "store/repository/factors.h"

#include <array>
#include <utility>

#include "store/error.h"

namespace countersign::store {

namespace {

#define CS_FACTOR_COLUMNS                                                                                     \
  "SELECT account_id, id, subject_id, type, status, name, secret_sealed, algorithm, digits, period_seconds, " \
  "last_step,"                                                                                                \
  " drift_steps, failures, locked_until, disabled, created_at, confirm_by, confirmed_at, removed_at, "        \
  "name_sealed, service_id "

constexpr std::array<std::pair<std::string_view, crypto::OtpAlgorithm>, 3> kAlgorithms{{
    {"SHA1", crypto::OtpAlgorithm::kSha1},
    {"SHA256", crypto::OtpAlgorithm::kSha256},
    {"SHA512", crypto::OtpAlgorithm::kSha512},
}};

crypto::OtpAlgorithm read_algorithm(std::string_view text) {
  for (const auto& [name, algorithm] : kAlgorithms) {
    if (name == text) return algorithm;
  }
  throw StoreFailure({StoreError::Code::kUnreadable, "unknown algorithm in factors"});
}

std::string_view algorithm_text(crypto::OtpAlgorithm wanted) {
  for (const auto& [name, algorithm] : kAlgorithms) {
    if (algorithm == wanted) return name;
  }
  return "";
}

FactorRow read_factor(const Row& row) {
  const auto type = domain::parse_method(row.text(3));
  const auto status = domain::parse_factor_status(row.text(4));
  if (!type || !status) throw StoreFailure({StoreError::Code::kUnreadable, "unknown word in factors"});
  FactorRow f;
  f.state.account = row.id<AccountId>(0);
  f.state.id = row.id<FactorId>(1);
  f.state.subject = row.id<SubjectId>(2);
  f.state.type = *type;
  f.state.status = *status;
  f.readable_name = row.string(5);
  f.secret_sealed = row.optional_bytes(6);
  f.totp = {read_algorithm(row.text(7)), static_cast<int>(row.integer(8)), row.integer(9)};
  f.state.last_step = row.optional_integer(10);
  f.state.drift_steps = row.integer(11);
  f.state.failures = {row.integer(12), row.optional_time(13), row.boolean(14)};
  f.state.created_at = row.time(15);
  f.state.confirm_by = row.time(16);
  f.state.confirmed_at = row.optional_time(17);
  f.removed_at = row.optional_time(18);
  f.name_sealed = row.optional_bytes(19);
  f.service = row.optional_id<ServiceId>(20);
  return f;
}

}  // namespace

void insert_factor(Tx& tx, const FactorRow& f) {
  static const Sql kInsert{
      "INSERT INTO factors (account_id, id, subject_id, type, status, name, name_sealed, secret_sealed, algorithm, "
      "digits, "
      "period_seconds,"
      " drift_steps, failures, disabled, created_at, confirm_by, added_to_another, service_id)"
      " VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8, ?9, ?10, 0, 0, 0, ?11, ?12, 0, ?13)"};
  const auto& s = f.state;
  tx.put(kInsert, {s.account, s.id, s.subject, domain::to_text(s.type), domain::to_text(s.status),
                   optional_blob(f.name_sealed), optional_blob(f.secret_sealed), algorithm_text(f.totp.algorithm),
                   f.totp.digits, f.totp.period_seconds, s.created_at, s.confirm_by, f.service});
}

void save_factor(Tx& tx, const FactorRow& f) {
  static const Sql kSave{
      "UPDATE factors SET status = ?3, last_step = ?4, drift_steps = ?5, failures = ?6, locked_until = ?7, disabled = "
      "?8,"
      " confirmed_at = ?9, removed_at = ?10, secret_sealed = ?11 WHERE account_id = ?1 AND id = ?2"};
  const auto& s = f.state;
  const bool removed = s.status == domain::FactorStatus::kRemoved;
  tx.put(kSave, {s.account, s.id, domain::to_text(s.status), s.last_step, s.drift_steps, s.failures.consecutive,
                 s.failures.locked_until, s.failures.disabled, s.confirmed_at, f.removed_at,
                 removed ? std::nullopt : optional_blob(f.secret_sealed)});
}

void rename_factor(Tx& tx, const Vault& vault, const AccountId& account, const FactorId& id, std::string_view name,
                   Random& random) {
  static const Sql kRename{"UPDATE factors SET name = '', name_sealed = ?3 WHERE account_id = ?1 AND id = ?2"};
  const std::string sealed = seal_name(vault, id, name, random);
  tx.put(kRename, {account, id, Blob{sealed}});
}

std::vector<FactorRow> factors_of(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static const Sql kAll{CS_FACTOR_COLUMNS
                        "FROM factors {{index(}}factors_by_subject{{)}} WHERE account_id = ?1 AND subject_id = ?2"
                        " ORDER BY id DESC LIMIT 200"};
  std::vector<FactorRow> rows;
  tx.all(kAll, {account, subject}, [&](const Row& row) { rows.push_back(read_factor(row)); });
  return rows;
}

std::optional<FactorRow> find_factor(Tx& tx, const AccountId& account, const SubjectId& subject, const FactorId& id) {
  static const Sql kFind{CS_FACTOR_COLUMNS "FROM factors WHERE account_id = ?1 AND id = ?2 AND subject_id = ?3"};
  std::optional<FactorRow> found;
  tx.one(kFind, {account, id, subject}, [&](const Row& row) { found = read_factor(row); });
  return found;
}

std::string seal_name(const Vault& vault, const FactorId& id, std::string_view name, Random& random) {
  return vault.seal(name, "factors", id.bytes(), "name", random);
}

std::string open_name(const Vault& vault, const FactorRow& row) {
  if (!row.name_sealed) return row.readable_name;
  return vault.open(*row.name_sealed, "factors", row.state.id.bytes(), "name").expose();
}

std::string seal_secret(const Vault& vault, const FactorId& id, std::string_view secret, Random& random) {
  return vault.seal(secret, "factors", id.bytes(), "secret", random);
}

SecretString open_secret(const Vault& vault, const FactorRow& row) {
  if (!row.secret_sealed) return SecretString();
  return vault.open(*row.secret_sealed, "factors", row.state.id.bytes(), "secret");
}

}  // namespace countersign::store
