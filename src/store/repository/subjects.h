#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "store/repository/contacts.h"
#include "store/repository/risk_people.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// The subject with that identity.
[[nodiscard]] std::optional<SubjectId> find_subject(Tx& tx, const Vault& vault, const AccountId& account,
                                                    std::string_view identity);
/// The same, made if there is none.
[[nodiscard]] SubjectId ensure_subject(Tx& tx, const Vault& vault, const AccountId& account, std::string_view identity,
                                       Moment& moment);
struct EnsuredSubject {
  SubjectId id;
  bool is_new = false;
  /// Its history at the service, as in `standings` (standings.h): where one was asked for, and there is a row. It is as
  /// it was before the caller took the subject's key.
  std::optional<std::string> history_content = {};
  StoredTrust trust = {};  ///< If it was asked for.
};
/// `history_at`, if given: with the history there, in the same read; and `trust`, if given besides.
[[nodiscard]] EnsuredSubject ensure_subject(Tx& tx, const Vault& vault, const AccountId& account,
                                            std::string_view identity, const std::optional<ServiceId>& history_at,
                                            Moment& moment, const AskTrust* trust = nullptr);
[[nodiscard]] std::string open_identity(const Vault& vault, const SubjectId& subject, std::string_view sealed);
[[nodiscard]] std::string subject_identity(Tx& tx, const Vault& vault, const AccountId& account,
                                           const SubjectId& subject);

/// The subject that stands for the owner of an address, for codes sent to addresses without an identity. One per
/// account, service and address; never found by an identity. subject_identity() returns `address` for it.
[[nodiscard]] std::optional<SubjectId> find_recipient(Tx& tx, const Vault& vault, const AccountId& account,
                                                      const ServiceId& service, std::string_view index_text);
/// Only after find_recipient found none.
[[nodiscard]] SubjectId insert_recipient(Tx& tx, const Vault& vault, const AccountId& account, const ServiceId& service,
                                         std::string_view address, std::string_view index_text, Moment& moment);

}  // namespace countersign::store
