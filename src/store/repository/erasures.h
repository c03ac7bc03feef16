#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "domain/erasure.h"
#include "domain/objection.h"
#include "store/repository/vault.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// A subject whose erasure was requested. Once done, the tombstone of the identity. [STD-14]
struct ErasureRow {
  AccountId account;
  SubjectId subject;
  domain::Erasure state;
  std::vector<AddressId> told;  ///< Notified contacts, which may object.
};

[[nodiscard]] std::optional<ErasureRow> find_erasure(Tx& tx, const AccountId& account, const SubjectId& subject);
/// Writes the whole row.
void save_erasure(Tx& tx, const ErasureRow& row);
/// Due erasures of all accounts, the earliest first, without `aside`. An unreadable one fails the unit with its key.
[[nodiscard]] std::vector<ErasureRow> due_erasures(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside);

/// Deletes what identifies the subject: contacts, addresses that no other subject has, factors with their secrets, the
/// identity (its keyed index stays), notices and objections; and the display of its ended transactions. What stays is
/// pseudonymous: states, times, ids and hashes, and what was counted for it and its lines, or an erasure would be a way
/// around the limits. Open transactions are ended before. Does not change the history.
void erase_personal_data(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                         Moment& moment);
/// Deletes the address if no contact has it, but for its keyed index, its window and its guards: what was counted
/// there belongs to all who may ever be given it. The number stays, too, while somebody other than `erased` was told of
/// changes there. purge_addresses() deletes the rest. [STD-7, STD-21]
void empty_address(Tx& tx, const AccountId& account, const AddressId& address, const SubjectId& erased, WallTime now);
/// For an address without contacts: deletes it with all that was counted. For test data.
void forget_address(Tx& tx, const AccountId& account, const AddressId& address);
/// Deletes tombstones from before `before` whose subjects have no transactions, contacts or factors left.
[[nodiscard]] std::int64_t purge_tombstones(Tx& tx, const AccountId& account, WallTime before, int limit);

/// A code with which a notified contact stops a change.
struct ObjectionRow {
  AccountId account;
  ObjectionId id;
  SubjectId subject;
  ServiceId service;
  std::optional<BindingId> binding;  ///< What is stopped; nullopt: the erasure.
  AddressId contact;
  domain::ObjectionCode state;
};
void insert_objection(Tx& tx, const ObjectionRow& row);
[[nodiscard]] std::optional<ObjectionRow> find_objection(Tx& tx, const AccountId& account, const ObjectionId& id);
/// Writes the digest of the code and the attempts.
void save_objection(Tx& tx, const ObjectionRow& row);

}  // namespace countersign::store
