#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "webauthn/public_key.h"

namespace countersign::usecase {

/// Public keys of passkeys that answered lately, ready to verify: parsing one costs nearly as much as verifying with
/// it. Holds what is public, and nothing about whose it is. Keeps the `most` used last. Thread-safe.
class ParsedKeys {
 public:
  explicit ParsedKeys(std::size_t most = 4096) : most_(most) {}
  ParsedKeys(const ParsedKeys&) = delete;
  ParsedKeys& operator=(const ParsedKeys&) = delete;

  /// The key of these bytes, a COSE_Key. nullopt if they are none.
  [[nodiscard]] std::optional<webauthn::PublicKey> get(std::string_view cose_key);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string cose_key;
    webauthn::PublicKey key;
  };

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::list<Entry> used_;  ///< The last used first. Guarded by mutex_, like the index, which refers to its bytes.
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
};

}  // namespace countersign::usecase
