#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "store/repository/vault.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// A subject whose erasure was asked for. Once it is done, the tombstone of the identity. [STD-14]
struct ErasureRow {
  AccountId account;
  SubjectId subject;
  WallTime asked_at;
  std::optional<WallTime> acts_at;  ///< When it is due; nothing once it was stopped or done.
  std::vector<AddressId> told;      ///< Contacts that were told, and may object.
  std::optional<WallTime> stopped_at;
  std::optional<WallTime> erased_at;
};

[[nodiscard]] std::optional<ErasureRow> find_erasure(Tx& tx, const AccountId& account, const SubjectId& subject);
/// Writes the whole of it.
void save_erasure(Tx& tx, const ErasureRow& row);
/// Those that are due, across accounts, the earliest first, without `aside`. One that cannot be read fails the unit by
/// name.
[[nodiscard]] std::vector<ErasureRow> due_erasures(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside);

/// Deletes what says who the subject is: contacts, addresses that nobody else has, factors with their secrets, the
/// identity (its keyed index stays), notices and objections; and what was shown in its ended transactions. What stays
/// is pseudonymous: states, times, ids and hashes. Transactions that are open are ended before. Not the history.
void erase_personal_data(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                         Moment& moment);
/// One that nobody has any more.
void forget_address(Tx& tx, const AccountId& account, const AddressId& address);
/// Forgets tombstones from before `before` whose subjects have no transactions, contacts or factors any more.
[[nodiscard]] std::int64_t purge_tombstones(Tx& tx, const AccountId& account, WallTime before, int limit);

/// A code by which a told contact stops a change.
struct ObjectionRow {
  AccountId account;
  ObjectionId id;
  SubjectId subject;
  ServiceId service;
  std::optional<BindingId> binding;  ///< What is stopped; nothing: the erasure.
  AddressId contact;
  std::string code_digest;  ///< Empty once it was used.
  int attempts = 0;
  WallTime expires_at;
};
void insert_objection(Tx& tx, const ObjectionRow& row);
[[nodiscard]] std::optional<ObjectionRow> find_objection(Tx& tx, const AccountId& account, const ObjectionId& id);
/// Writes code_digest and attempts.
void save_objection(Tx& tx, const ObjectionRow& row);

}  // namespace countersign::store
