#include "crypto/vapid.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "crypto/p256.h"

namespace countersign::crypto {

VapidKey::VapidKey(SigningKey key, std::string subject, std::size_t most_origins)
    : key_(std::move(key)),
      subject_(std::move(subject)),
      most_(most_origins),
      point_(p256_point_of(key_.public_key())),
      public_text_(to_base64url(point_)),
      cache_(std::make_shared<Cache>()) {
  CS_CHECK(key_.algorithm() == JwsAlgorithm::kEs256 && most_ > 0);
}

std::string VapidKey::sign(std::string_view origin, WallTime now) const {
  std::string claims = R"({"aud":)";
  append_json_string(claims, origin);
  claims += R"(,"exp":)" + std::to_string(to_unix_seconds(now + kVapidLife)) + R"(,"sub":)";
  append_json_string(claims, subject_);
  claims += '}';
  // Without `kid`: the key stands beside the token.
  const std::string text = to_base64url(R"({"typ":"JWT","alg":"ES256"})") + '.' + to_base64url(claims);
  return "vapid t=" + text + '.' + to_base64url(key_.sign(text)) + ", k=" + public_text_;
}

std::string VapidKey::authorization(std::string_view origin, WallTime now) const {
  const std::lock_guard lock(cache_->mutex);
  auto& used = cache_->used;
  auto& index = cache_->index;
  const auto found = index.find(origin);
  if (found != index.end()) {
    used.splice(used.begin(), used, found->second);
    Kept& kept = used.front();
    // A clock that was set back makes the token too long for the rule.
    if (kept.made_at > now || now >= kept.made_at + kVapidUse) {
      kept.authorization = sign(origin, now);
      kept.made_at = now;
    }
    return kept.authorization;
  }
  if (used.size() >= most_) {
    index.erase(used.back().origin);
    used.pop_back();
  }
  used.push_front({std::string(origin), sign(origin, now), now});
  index.emplace(used.front().origin, used.begin());
  return used.front().authorization;
}

std::size_t VapidKey::size() const {
  const std::lock_guard lock(cache_->mutex);
  return cache_->used.size();
}

}  // namespace countersign::crypto
