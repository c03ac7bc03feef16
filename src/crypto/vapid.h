#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "crypto/jws_key.h"

// Voluntary Application Server Identification (RFC 8292): by what key a push service knows who sends. [PUSH-3]
namespace countersign::crypto {

/// A token lasts this long; RFC 8292, 2 allows 24 hours, and clocks differ.
inline constexpr Duration kVapidLife = std::chrono::hours(12);
/// And is used again in this part of it, so that a message costs no signature.
inline constexpr Duration kVapidUse = std::chrono::hours(6);

/// The key of an application server, ES256, with the address of its operator: `mailto:` or `https:`, which the caller
/// has judged. Keeps the tokens of the origins that were used last. Thread-safe; copies share what is kept.
class VapidKey {
 public:
  VapidKey(SigningKey key, std::string subject, std::size_t most_origins = 256);

  /// The value of `Authorization` for a message to this origin (`https://push.example.net`, without a path): a token
  /// that is valid for at least six hours after `now`, and the key.
  [[nodiscard]] std::string authorization(std::string_view origin, WallTime now) const;

  /// `applicationServerKey` of PushManager.subscribe(): the point, in base64url.
  [[nodiscard]] const std::string& public_text() const { return public_text_; }
  /// The same as 65 bytes.
  [[nodiscard]] const std::string& point() const { return point_; }
  /// Origins with a kept token.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Kept {
    std::string origin;
    std::string authorization;
    WallTime made_at;
  };
  struct Cache {
    std::mutex mutex;
    std::list<Kept> used;  ///< The last used first. Guarded by mutex, like the index, which refers to its texts.
    std::unordered_map<std::string_view, std::list<Kept>::iterator> index;
  };

  [[nodiscard]] std::string sign(std::string_view origin, WallTime now) const;

  SigningKey key_;
  std::string subject_;
  std::size_t most_;
  std::string point_;
  std::string public_text_;
  std::shared_ptr<Cache> cache_;
};

}  // namespace countersign::crypto
