#pragma once

#include <cstddef>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "store/repository/ceremonies.h"
#include "store/repository/passkey_material.h"

namespace countersign::usecase {

namespace verify_api {
struct AskedOfEntity;
}

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
/// In memory, about.
[[nodiscard]] std::size_t bytes_of(const AskedPasskeys& asked);
[[nodiscard]] std::size_t bytes_of(const store::PasskeyRecord& record);

/// What this node keeps under a name for a while: the newest of each name, `most` in all and of `most_bytes` in all,
/// the oldest let go first. Thread-safe.
template <class Value>
class Lately {
 public:
  Lately(std::size_t most, std::size_t most_bytes) : most_(most), most_bytes_(most_bytes) {}
  Lately(const Lately&) = delete;
  Lately& operator=(const Lately&) = delete;

  /// `bytes`: its size. `until`: exclusive. What is larger than all may be is not kept.
  void put(std::string_view name, std::shared_ptr<const Value> value, std::size_t bytes, WallTime until, WallTime now) {
    const std::lock_guard lock(mutex_);
    erase(name);
    if (bytes > most_bytes_) return;
    while (!entries_.empty() &&
           (entries_.size() >= most_ || bytes_ + bytes > most_bytes_ || entries_.front().until <= now))
      erase(entries_.front().name);
    bytes_ += bytes;
    entries_.push_back({std::string(name), std::move(value), bytes, until});
    index_.emplace(entries_.back().name, std::prev(entries_.end()));
  }
  /// Null if it is not there any more.
  [[nodiscard]] std::shared_ptr<const Value> find(std::string_view name, WallTime now) const {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(name);
    return found == index_.end() || found->second->until <= now ? nullptr : found->second->value;
  }
  void forget(std::string_view name) {
    const std::lock_guard lock(mutex_);
    erase(name);
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<const Value> value;
    std::size_t bytes;
    WallTime until;
  };
  void erase(std::string_view name) {
    const auto found = index_.find(name);
    if (found == index_.end()) return;
    const auto entry = found->second;
    bytes_ -= entry->bytes;
    index_.erase(found);  // Its key is in the entry, and so may `name` be.
    entries_.erase(entry);
  }

  const std::size_t most_;
  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  ///< Oldest first. Guarded by mutex_, like the index.
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> index_;
};

/// What was asked lately by this node, so that an answer to it can be judged before anything is read, while the
/// challenge lasts: the newest for each transaction, and for persons of the Verify-compatible API each challenge. Whose
/// it is, the caller compares.
class AskedLately {
 public:
  /// Each of the two kinds.
  static constexpr std::size_t kBytesMax = std::size_t{16} * 1024 * 1024;

  explicit AskedLately(std::size_t most = 4096, std::size_t most_bytes = kBytesMax)
      : of_transactions_(most, most_bytes), of_entities_(most, most_bytes) {}

  void put(const std::shared_ptr<const AskedPasskeys>& asked, WallTime until, WallTime now) {
    of_transactions_.put(asked->transaction.bytes(), asked, bytes_of(*asked), until, now);
  }
  [[nodiscard]] std::shared_ptr<const AskedPasskeys> find(const TransactionId& transaction, WallTime now) const {
    return of_transactions_.find(transaction.bytes(), now);
  }
  void forget(const TransactionId& transaction) { of_transactions_.forget(transaction.bytes()); }
  [[nodiscard]] std::size_t size() const { return of_transactions_.size(); }

  /// By the challenge, in base64url (usecase/verify_api/passkey_challenge.h).
  [[nodiscard]] Lately<verify_api::AskedOfEntity>& of_entities() { return of_entities_; }

 private:
  Lately<AskedPasskeys> of_transactions_;
  Lately<verify_api::AskedOfEntity> of_entities_;
};

}  // namespace countersign::usecase
