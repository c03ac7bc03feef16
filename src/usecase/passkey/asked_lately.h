#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "store/repository/ceremonies.h"
#include "store/repository/passkey_material.h"

namespace countersign::usecase {

/// A passkey, and the sealed bytes that it was read from.
struct KnownPasskey {
  FactorId factor;
  std::optional<std::string> material_sealed;
  store::PasskeyRecord record;
};

/// What the answers of the passkeys of one transaction are judged by. None of it changes but the ceremonies and the
/// records, and those are compared again where an answer is stored.
struct AskedPasskeys {
  AccountId account;
  TransactionId transaction;
  ServiceId service;
  SubjectId subject;
  bool user_verification = false;  ///< The policy requires it.
  std::string binding_hash;        ///< Of the transaction.
  std::optional<std::string> ceremonies_sealed;
  store::Ceremonies ceremonies;
  std::vector<KnownPasskey> passkeys;

  [[nodiscard]] const KnownPasskey* find(std::string_view credential_id) const;
};

/// What was asked lately by this node, so that an answer to it can be judged before anything is read. The newest for
/// each transaction, `most` in all, while the challenge lasts. Thread-safe.
class AskedLately {
 public:
  explicit AskedLately(std::size_t most = 4096) : most_(most) {}
  AskedLately(const AskedLately&) = delete;
  AskedLately& operator=(const AskedLately&) = delete;

  /// `until`: of the challenge, exclusive.
  void put(std::shared_ptr<const AskedPasskeys> asked, WallTime until, WallTime now);
  /// Null if it is not there any more.
  [[nodiscard]] std::shared_ptr<const AskedPasskeys> find(const AccountId& account, const TransactionId& transaction,
                                                          WallTime now) const;
  void forget(const TransactionId& transaction);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<const AskedPasskeys> asked;
    WallTime until;
  };
  void erase(const TransactionId& transaction);

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  ///< Oldest first. Guarded by mutex_, like the index.
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  ///< By the bytes of the transaction's id.
};

}  // namespace countersign::usecase
