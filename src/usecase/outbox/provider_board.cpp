#include "usecase/outbox/provider_board.h"

#include <utility>

namespace countersign::usecase {

bool ProviderBoard::admits(std::string_view provider, MonotonicTime now) const {
  const std::lock_guard lock(mutex_);
  const auto breaker = breakers_.find(provider);
  return breaker == breakers_.end() || breaker->second.admits(now);
}

bool ProviderBoard::started(const std::string& provider) {
  const std::lock_guard lock(mutex_);
  auto& breaker = breakers_[provider];
  if (breaker.open()) failing_.insert(provider);
  return breaker.started();
}

void ProviderBoard::abandoned(const std::string& provider, bool tried) {
  const std::lock_guard lock(mutex_);
  breakers_[provider].abandoned(tried);
}

ProviderBoard::Change ProviderBoard::ended(const std::string& provider, bool tried, bool failed, MonotonicTime now,
                                           Random& random) {
  const std::lock_guard lock(mutex_);
  auto& breaker = breakers_[provider];
  const bool was_open = breaker.open();
  breaker.ended(tried, failed, now, random);
  if (breaker.open() && !breaker.admits(now))
    failing_.insert(provider);
  else
    failing_.erase(provider);
  if (breaker.open() == was_open) return Change::kNone;
  return was_open ? Change::kClosed : Change::kOpened;
}

void ProviderBoard::look(MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(failing_, [&](const std::string& provider) { return breakers_[provider].admits(now); });
}

bool ProviderBoard::failing(std::string_view provider) const {
  const std::lock_guard lock(mutex_);
  return failing_.contains(provider);
}

void ProviderBoard::set_drained(std::set<std::string, std::less<>> drained) {
  const std::lock_guard lock(mutex_);
  drained_ = std::move(drained);
}

bool ProviderBoard::drained(std::string_view provider) const {
  const std::lock_guard lock(mutex_);
  return drained_.contains(provider);
}

}  // namespace countersign::usecase
