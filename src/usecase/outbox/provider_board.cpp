#include "usecase/outbox/provider_board.h"

#include <utility>

#include "domain/routing.h"

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
  for (auto& [place, silence] : silences_) silence.look(now);
}

bool ProviderBoard::failing(std::string_view provider) const {
  const std::lock_guard lock(mutex_);
  return failing_.contains(provider);
}

void ProviderBoard::note_delay(std::string_view provider, std::string_view country, WallTime accepted_at,
                               WallTime now) {
  note_delivered(provider, country, accepted_at);
  const std::lock_guard lock(mutex_);
  auto& delays = delays_[{std::string(provider), std::string(country)}];
  delays.push_back(now - accepted_at);
  if (delays.size() > domain::routing::kDelaysKept) delays.pop_front();
}

Duration ProviderBoard::report_wait(std::string_view provider, std::string_view country) const {
  const std::lock_guard lock(mutex_);
  const auto found = delays_.find({std::string(provider), std::string(country)});
  if (found == delays_.end()) return domain::routing::kWaitUnlearned;
  return domain::routing::report_wait(std::vector<Duration>(found->second.begin(), found->second.end()));
}

bool ProviderBoard::note_unreported(std::string_view provider, std::string_view country, const Id& line,
                                    const AccountId& account, WallTime now) {
  const std::lock_guard lock(mutex_);
  return silences_[{std::string(provider), std::string(country)}].unreported(line, account.id, now);
}

void ProviderBoard::note_delivered(std::string_view provider, std::string_view country, WallTime accepted_at) {
  const std::lock_guard lock(mutex_);
  const auto found = silences_.find({std::string(provider), std::string(country)});
  if (found != silences_.end()) found->second.delivered(accepted_at);
}

bool ProviderBoard::passed_over(std::string_view provider, std::string_view country, const AccountId& account,
                                bool may_try) {
  const std::lock_guard lock(mutex_);
  const auto found = silences_.find({std::string(provider), std::string(country)});
  if (found == silences_.end() || !found->second.silent_to(account.id)) return false;
  return !may_try || !found->second.take_trial();
}

std::vector<std::pair<std::string, std::string>> ProviderBoard::silent() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> places;
  for (const auto& [place, silence] : silences_) {
    if (silence.silent()) places.push_back(place);
  }
  return places;
}

void ProviderBoard::await(Awaited awaited) {
  const std::lock_guard lock(mutex_);
  const MessageId id = awaited.message.id;
  if (awaited_.size() < kAwaitedMax) awaited_.insert_or_assign(id, std::move(awaited));
}

void ProviderBoard::reported(const MessageId& message, Reported what, WallTime now) {
  std::optional<Awaited> known;
  {
    const std::lock_guard lock(mutex_);
    const auto found = awaited_.find(message);
    if (found == awaited_.end()) return;
    const auto* ours = std::get_if<delivery::OutgoingMessage>(&found->second.message.content);
    if (what == Reported::kFailedByChannel && ours != nullptr && !ours->channels.empty()) {
      found->second.at = now;
      return;
    }
    known.emplace(std::move(found->second));
    awaited_.erase(found);
  }
  if (what == Reported::kDelivered) note_delay(known->message.provider, known->country, known->since, now);
}

std::vector<QueuedMessage> ProviderBoard::unreported(WallTime now) {
  const std::lock_guard lock(mutex_);
  std::vector<QueuedMessage> due;
  for (auto one = awaited_.begin(); one != awaited_.end();) {
    if (one->second.at > now) {
      ++one;
      continue;
    }
    due.push_back(std::move(one->second.message));
    one = awaited_.erase(one);
  }
  return due;
}

void ProviderBoard::forget_awaited() {
  const std::lock_guard lock(mutex_);
  awaited_.clear();
}

std::vector<std::string> ProviderBoard::open() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, breaker] : breakers_) {
    if (breaker.open()) names.push_back(name);
  }
  return names;
}

void ProviderBoard::set_drained(std::set<std::string, std::less<>> drained) {
  const std::lock_guard lock(mutex_);
  drained_ = std::move(drained);
}

void ProviderBoard::set_shares(std::map<store::LearnedKey, int> shares) {
  const std::lock_guard lock(mutex_);
  shares_ = std::move(shares);
}

bool ProviderBoard::has_shares() const {
  const std::lock_guard lock(mutex_);
  return !shares_.empty();
}

int ProviderBoard::share_of(const store::LearnedKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = shares_.find(key);
  return found == shares_.end() ? domain::conversion::kShareMax : found->second;
}

std::map<store::LearnedKey, int> ProviderBoard::shares() const {
  const std::lock_guard lock(mutex_);
  return shares_;
}

std::set<std::string, std::less<>> ProviderBoard::all_drained() const {
  const std::lock_guard lock(mutex_);
  return drained_;
}

bool ProviderBoard::drained(std::string_view provider) const {
  const std::lock_guard lock(mutex_);
  return drained_.contains(provider);
}

}  // namespace countersign::usecase
