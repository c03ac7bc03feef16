#include "delivery/push_keys.h"

#include <algorithm>
#include <utility>

namespace countersign::delivery {

bool PushKeys::take(std::vector<crypto::VapidKey> next) {
  const std::lock_guard lock(mutex_);
  const bool same = std::ranges::equal(*keys_, next, {}, &crypto::VapidKey::point, &crypto::VapidKey::point);
  if (same) return false;
  for (auto& key : next) {
    const auto known = std::ranges::find(*keys_, key.point(), &crypto::VapidKey::point);
    if (known != keys_->end()) key = *known;
  }
  keys_ = std::make_shared<const Keys>(std::move(next));
  return true;
}

std::optional<crypto::VapidKey> PushKeys::find(std::string_view point) const {
  const auto keys = all();
  const auto found = std::ranges::find(*keys, point, &crypto::VapidKey::point);
  return found != keys->end() ? std::optional(*found) : std::nullopt;
}

}  // namespace countersign::delivery
