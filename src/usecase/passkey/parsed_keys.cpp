#include "usecase/passkey/parsed_keys.h"

namespace countersign::usecase {

std::optional<webauthn::PublicKey> ParsedKeys::get(std::string_view cose_key) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(cose_key); found != index_.end()) {
      used_.splice(used_.begin(), used_, found->second);
      return found->second->key;
    }
  }
  // Outside of the lock. Two threads may parse the same key; the second keeps the first's.
  auto parsed = webauthn::PublicKey::from_cose(cose_key);
  if (!parsed) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (!index_.contains(cose_key)) {
    used_.push_front({std::string(cose_key), *parsed});
    index_.emplace(used_.front().cose_key, used_.begin());
    if (used_.size() > most_) {
      index_.erase(used_.back().cose_key);
      used_.pop_back();
    }
  }
  return *std::move(parsed);
}

std::size_t ParsedKeys::size() const {
  const std::lock_guard lock(mutex_);
  return used_.size();
}

}  // namespace countersign::usecase
