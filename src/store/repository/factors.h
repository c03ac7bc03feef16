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
  crypto::TotpParameters totp;
  std::optional<std::string> name_sealed;    ///< The name that the person gave it.
  std::string readable_name{};               ///< Written in clear by a release before schema step 3; else empty.
  std::optional<std::string> secret_sealed;  ///< nullopt once removed.
  std::optional<ServiceId>
      service;  ///< The service that created it; nullopt for one from before factors belonged to a service.
};

void insert_factor(Tx& tx, const FactorRow& row);
/// Writes status, steps, failures and times; deletes the secret when the factor is removed.
void save_factor(Tx& tx, const FactorRow& row);
/// Writes the name that the person gave it.
void rename_factor(Tx& tx, const Vault& vault, const AccountId& account, const FactorId& id, std::string_view name,
                   Random& random);

/// Every factor ever bound, newest first. [BND-1]
[[nodiscard]] std::vector<FactorRow> factors_of(Tx& tx, const AccountId& account, const SubjectId& subject);
[[nodiscard]] std::optional<FactorRow> find_factor(Tx& tx, const AccountId& account, const SubjectId& subject,
                                                   const FactorId& id);

[[nodiscard]] std::string seal_name(const Vault& vault, const FactorId& id, std::string_view name, Random& random);
[[nodiscard]] std::string open_name(const Vault& vault, const FactorRow& row);
[[nodiscard]] std::string seal_secret(const Vault& vault, const FactorId& id, std::string_view secret, Random& random);
[[nodiscard]] SecretString open_secret(const Vault& vault, const FactorRow& row);

}  // namespace countersign::store
