#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/otp.h"
#include "domain/factor.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

struct FactorRow {
  domain::Factor state;
  crypto::TotpParameters totp;               ///< Of an app; other types store the defaults.
  std::optional<std::string> name_sealed;    ///< The name that the person gave it.
  std::string readable_name{};               ///< Written in clear by a release before schema step 3; else empty.
  std::optional<std::string> secret_sealed;  ///< Of an app; of recovery codes until confirmed. nullopt once removed.
  std::optional<ServiceId>
      service;  ///< The service that created it; nullopt for one from before factors belonged to a service.
  std::optional<std::string> material_sealed{};  ///< What belongs to its type. nullopt for an app, and once removed.
  /// Keyed digest of the handle by which the authenticator names itself; unique in the account among those that are not
  /// removed. nullopt for types without handles, and once removed.
  std::optional<std::string> handle_digest{};
};

void insert_factor(Tx& tx, const FactorRow& row);
/// Writes status, steps, failures, times, material and handle; deletes secret, material and handle of a removed one.
void save_factor(Tx& tx, const FactorRow& row);
/// Writes the material, and nothing else of it.
void save_material(Tx& tx, const AccountId& account, const FactorId& id, std::string_view material_sealed);
/// Forgets one that was never confirmed; one that was stays.
void delete_unbound_factor(Tx& tx, const FactorRow& row);
/// Writes the name that the person gave it.
void rename_factor(Tx& tx, const Vault& vault, const AccountId& account, const FactorId& id, std::string_view name,
                   Random& random);

/// The subject's factors, removed ones too, newest first; at most 200. Those that can prove something are among them
/// whatever else was enrolled meanwhile, and then those that wait to be confirmed. [BND-1]
[[nodiscard]] std::vector<FactorRow> factors_of(Tx& tx, const AccountId& account, const SubjectId& subject);
[[nodiscard]] std::optional<FactorRow> find_factor(Tx& tx, const AccountId& account, const SubjectId& subject,
                                                   const FactorId& id);

/// The one with this handle, whoever's it is; none that is removed.
[[nodiscard]] std::optional<FactorRow> find_factor_by_handle(Tx& tx, const AccountId& account,
                                                             std::string_view handle_digest);

[[nodiscard]] std::string seal_name(const Vault& vault, const FactorId& id, std::string_view name, Random& random);
[[nodiscard]] std::string open_name(const Vault& vault, const FactorRow& row);
[[nodiscard]] std::string seal_secret(const Vault& vault, const FactorId& id, std::string_view secret, Random& random);
/// Empty if there is none; so is open_material's.
[[nodiscard]] SecretString open_secret(const Vault& vault, const FactorRow& row);
[[nodiscard]] std::string seal_material(const Vault& vault, const FactorId& id, std::string_view material,
                                        Random& random);
[[nodiscard]] SecretString open_material(const Vault& vault, const FactorRow& row);
[[nodiscard]] SecretString open_material(const Vault& vault, const FactorId& id,
                                         const std::optional<std::string>& sealed);

}  // namespace countersign::store
