#include "usecase/passkey/asked_lately.h"

#include <algorithm>
#include <utility>

namespace countersign::usecase {

const KnownPasskey* AskedPasskeys::find(std::string_view credential_id) const {
  const auto found = std::ranges::find_if(
      passkeys, [&](const KnownPasskey& known) { return known.record.credential_id == credential_id; });
  return found == passkeys.end() ? nullptr : &*found;
}

void AskedLately::put(std::shared_ptr<const AskedPasskeys> asked, WallTime until, WallTime now) {
  const std::lock_guard lock(mutex_);
  erase(asked->transaction);
  while (!entries_.empty() && (entries_.size() >= most_ || entries_.front().until <= now))
    erase(entries_.front().asked->transaction);
  entries_.push_back({std::move(asked), until});
  index_.emplace(entries_.back().asked->transaction.bytes(), std::prev(entries_.end()));
}

std::shared_ptr<const AskedPasskeys> AskedLately::find(const AccountId& account, const TransactionId& transaction,
                                                       WallTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(transaction.bytes());
  if (found == index_.end() || found->second->until <= now || found->second->asked->account != account) return nullptr;
  return found->second->asked;
}

void AskedLately::forget(const TransactionId& transaction) {
  const std::lock_guard lock(mutex_);
  erase(transaction);
}

std::size_t AskedLately::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void AskedLately::erase(const TransactionId& transaction) {
  const auto found = index_.find(transaction.bytes());
  if (found == index_.end()) return;
  const auto entry = found->second;
  index_.erase(found);  // Its key is in the entry.
  entries_.erase(entry);
}

}  // namespace countersign::usecase
