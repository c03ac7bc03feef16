#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY.

namespace countersign::testing {

/// What a browser and its push service do with a message: RFC 8291 and RFC 8292 read from the other side, with other
/// calls of OpenSSL than the product's.
class PushBrowser {
 public:
  /// With a key pair and a secret of its own.
  PushBrowser();
  /// With those of a vector, in bytes.
  PushBrowser(std::string_view scalar, std::string_view point, std::string_view auth);

  [[nodiscard]] const std::string& point() const { return point_; }
  [[nodiscard]] const std::string& auth() const { return auth_; }
  [[nodiscard]] std::string p256dh_text() const;
  [[nodiscard]] std::string auth_text() const;

  /// The text of a message body; nullopt for one that is not for this browser, or not in the coding.
  [[nodiscard]] std::optional<std::string> read(std::string_view body) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::string point_;
  std::string auth_;
};

/// RFC 8188: all records of a body whose secret is known. nullopt for a broken one.
[[nodiscard]] std::optional<std::string> decode_aes128gcm(std::string_view key_material, std::string_view body);

/// Whether a push service accepts this `Authorization` for a message to the endpoint. Says what is wrong; empty if
/// nothing. `expected_point`: the key that was subscribed with; empty: any.
[[nodiscard]] std::string why_not_vapid(std::string_view authorization, std::string_view endpoint, WallTime now,
                                        std::string_view expected_point = {});

}  // namespace countersign::testing
