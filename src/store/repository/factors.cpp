#include "store/repository/factors.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "store/error.h"

namespace countersign::store {

namespace {

constexpr Columns kFactor{R"sql(
    account_id, id, subject_id, type, status, name, secret_sealed, algorithm, digits, period_seconds,
    last_step, drift_steps, failures, locked_until, disabled, created_at, confirm_by, confirmed_at,
    removed_at, name_sealed, service_id, material_sealed, handle_digest
)sql"};

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
  const auto type = domain::parse_method(row.text(kFactor["type"]));
  const auto status = domain::parse_factor_status(row.text(kFactor["status"]));
  if (!type || !status) throw StoreFailure({StoreError::Code::kUnreadable, "unknown word in factors"});
  FactorRow f;
  f.state.account = row.id<AccountId>(kFactor["account_id"]);
  f.state.id = row.id<FactorId>(kFactor["id"]);
  f.state.subject = row.id<SubjectId>(kFactor["subject_id"]);
  f.state.type = *type;
  f.state.status = *status;
  f.readable_name = row.string(kFactor["name"]);
  f.secret_sealed = row.optional_bytes(kFactor["secret_sealed"]);
  f.totp = {read_algorithm(row.text(kFactor["algorithm"])), static_cast<int>(row.integer(kFactor["digits"])),
            row.integer(kFactor["period_seconds"])};
  f.state.last_step = row.optional_integer(kFactor["last_step"]);
  f.state.drift_steps = row.integer(kFactor["drift_steps"]);
  f.state.failures = {row.integer(kFactor["failures"]), row.optional_time(kFactor["locked_until"]),
                      row.boolean(kFactor["disabled"])};
  f.state.created_at = row.time(kFactor["created_at"]);
  f.state.confirm_by = row.time(kFactor["confirm_by"]);
  f.state.confirmed_at = row.optional_time(kFactor["confirmed_at"]);
  f.state.removed_at = row.optional_time(kFactor["removed_at"]);
  f.name_sealed = row.optional_bytes(kFactor["name_sealed"]);
  f.service = row.optional_id<ServiceId>(kFactor["service_id"]);
  f.material_sealed = row.optional_bytes(kFactor["material_sealed"]);
  f.handle_digest = row.optional_bytes(kFactor["handle_digest"]);
  return f;
}

}  // namespace

void insert_factor(Tx& tx, const FactorRow& f) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO factors (
        account_id, id, subject_id, type, status, name, name_sealed, secret_sealed, algorithm, digits,
        period_seconds, drift_steps, failures, disabled, created_at, confirm_by, added_to_another, service_id,
        material_sealed, handle_digest)
      VALUES (
        :account_id, :id, :subject_id, :type, :status, '', :name_sealed, :secret_sealed, :algorithm, :digits,
        :period_seconds, 0, 0, 0, :created_at, :confirm_by, 0, :service_id,
        :material_sealed, :handle_digest)
  )sql"};
  const auto& s = f.state;
  tx.put(kInsert, {{"account_id", s.account},
                   {"id", s.id},
                   {"subject_id", s.subject},
                   {"type", domain::to_text(s.type)},
                   {"status", domain::to_text(s.status)},
                   {"name_sealed", optional_blob(f.name_sealed)},
                   {"secret_sealed", optional_blob(f.secret_sealed)},
                   {"algorithm", algorithm_text(f.totp.algorithm)},
                   {"digits", f.totp.digits},
                   {"period_seconds", f.totp.period_seconds},
                   {"created_at", s.created_at},
                   {"confirm_by", s.confirm_by},
                   {"service_id", f.service},
                   {"material_sealed", optional_blob(f.material_sealed)},
                   {"handle_digest", optional_blob(f.handle_digest)}});
}

void save_factor(Tx& tx, const FactorRow& f) {
  static constexpr Sql kSave{R"sql(
      UPDATE factors
      SET status = :status,
          last_step = :last_step,
          drift_steps = :drift_steps,
          failures = :failures,
          locked_until = :locked_until,
          disabled = :disabled,
          confirmed_at = :confirmed_at,
          removed_at = :removed_at,
          secret_sealed = :secret_sealed,
          material_sealed = :material_sealed,
          handle_digest = :handle_digest
      WHERE account_id = :account_id AND id = :id
  )sql"};
  const auto& s = f.state;
  const bool removed = s.status == domain::FactorStatus::kRemoved;
  tx.put(kSave, {{"status", domain::to_text(s.status)},
                 {"last_step", s.last_step},
                 {"drift_steps", s.drift_steps},
                 {"failures", s.failures.consecutive},
                 {"locked_until", s.failures.locked_until},
                 {"disabled", s.failures.disabled},
                 {"confirmed_at", s.confirmed_at},
                 {"removed_at", s.removed_at},
                 {"secret_sealed", removed ? std::nullopt : optional_blob(f.secret_sealed)},
                 {"material_sealed", removed ? std::nullopt : optional_blob(f.material_sealed)},
                 {"handle_digest", removed ? std::nullopt : optional_blob(f.handle_digest)},
                 {"account_id", s.account},
                 {"id", s.id}});
}

void save_material(Tx& tx, const AccountId& account, const FactorId& id, std::string_view material_sealed) {
  static constexpr Sql kSave{R"sql(
      UPDATE factors
      SET material_sealed = :material_sealed
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kSave, {{"material_sealed", Blob{material_sealed}}, {"account_id", account}, {"id", id}});
}

void delete_unbound_factor(Tx& tx, const FactorRow& f) {
  static constexpr Sql kDelete{R"sql(
      DELETE FROM factors
      WHERE account_id = :account_id AND id = :id AND confirmed_at IS NULL
  )sql"};
  tx.put(kDelete, {{"account_id", f.state.account}, {"id", f.state.id}});
}

void rename_factor(Tx& tx, const Vault& vault, const AccountId& account, const FactorId& id, std::string_view name,
                   Random& random) {
  static constexpr Sql kRename{R"sql(
      UPDATE factors
      SET name = '', name_sealed = :name_sealed
      WHERE account_id = :account_id AND id = :id
  )sql"};
  const std::string sealed = seal_name(vault, id, name, random);
  tx.put(kRename, {{"name_sealed", Blob{sealed}}, {"account_id", account}, {"id", id}});
}

std::vector<FactorRow> factors_of(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kAll{kFactor, R"sql(
      SELECT {{columns}}
      FROM factors {{index(}}factors_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id
      ORDER BY CASE status WHEN 'active' THEN 0 WHEN 'suspended' THEN 0 WHEN 'unconfirmed' THEN 1 ELSE 2 END, id DESC
      LIMIT 200
  )sql"};
  std::vector<FactorRow> rows;
  tx.all(kAll, {account, subject}, [&](const Row& row) { rows.push_back(read_factor(row)); });
  std::ranges::sort(rows, std::ranges::greater(), [](const FactorRow& row) { return row.state.id; });
  return rows;
}

std::optional<FactorRow> find_factor(Tx& tx, const AccountId& account, const SubjectId& subject, const FactorId& id) {
  static constexpr Sql kFind{kFactor, R"sql(
      SELECT {{columns}}
      FROM factors
      WHERE account_id = :account_id AND id = :id AND subject_id = :subject_id
  )sql"};
  std::optional<FactorRow> found;
  tx.one(kFind, {{"account_id", account}, {"id", id}, {"subject_id", subject}},
         [&](const Row& row) { found = read_factor(row); });
  return found;
}

std::optional<FactorRow> find_factor_by_handle(Tx& tx, const AccountId& account, std::string_view handle_digest) {
  static constexpr Sql kFind{kFactor, R"sql(
      SELECT {{columns}}
      FROM factors {{index(}}factors_by_handle{{)}}
      WHERE account_id = :account_id AND handle_digest = :handle_digest
  )sql"};
  std::optional<FactorRow> found;
  tx.one(kFind, {{"account_id", account}, {"handle_digest", Blob{handle_digest}}},
         [&](const Row& row) { found = read_factor(row); });
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

std::string seal_material(const Vault& vault, const FactorId& id, std::string_view material, Random& random) {
  return vault.seal(material, "factors", id.bytes(), "material", random);
}

SecretString open_material(const Vault& vault, const FactorRow& row) {
  return open_material(vault, row.state.id, row.material_sealed);
}

SecretString open_material(const Vault& vault, const FactorId& id, const std::optional<std::string>& sealed) {
  if (!sealed) return SecretString();
  return vault.open(*sealed, "factors", id.bytes(), "material");
}

}  // namespace countersign::store
