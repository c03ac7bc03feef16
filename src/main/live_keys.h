#pragma once

#include <mutex>
#include <string>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/sealing.h"
#include "crypto/signing_keys.h"
#include "main/config.h"
#include "store/repository/key_holders.h"
#include "store/store.h"

namespace countersign::app {

/// The keys that a running server works with. Others take their place while it runs; who seals, opens and signs
/// meanwhile waits for nothing. Thread-safe.
class LiveKeys {
 public:
  LiveKeys(const SecretsConfig& secrets, WallTime now);

  [[nodiscard]] const crypto::Sealer& sealer() const { return sealer_; }
  [[nodiscard]] const crypto::Digester& digester() const { return digester_; }
  [[nodiscard]] const crypto::SigningKeys& signing_keys() const { return signing_keys_; }

  /// Of test mode; they follow the live ones.
  [[nodiscard]] const crypto::SigningKeys& test_signing_keys() const { return test_signing_keys_; }

  /// Takes `next` in the place of what it has, if the database `store` can be worked with so; else the error is one
  /// sentence and everything stays. True where something has changed.
  [[nodiscard]] Result<bool, std::string> take(const SecretsConfig& next, store::Store& store, WallTime now);

  /// What the node works with, to be written down for others.
  [[nodiscard]] store::KeyHolder holder(const std::string& node, WallTime now) const;

 private:
  crypto::Sealer sealer_;
  const crypto::Digester digester_;
  crypto::SigningKeys signing_keys_;
  crypto::SigningKeys test_signing_keys_;
  mutable std::mutex mutex_;
  SecretsConfig secrets_;  ///< Guarded by mutex_, as all below.
  WallTime since_;
};

}  // namespace countersign::app
