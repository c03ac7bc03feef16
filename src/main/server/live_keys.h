#pragma once

#include <mutex>
#include <string>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/sealing.h"
#include "crypto/signing_keys.h"
#include "main/config/config.h"
#include "store/repository/key_holders.h"
#include "store/store.h"

namespace countersign::main {

/// The keys of a running server, replaceable while it runs without blocking users that seal, open or sign. Thread-safe.
class LiveKeys {
 public:
  LiveKeys(const SecretsConfig& secrets, WallTime now);

  [[nodiscard]] const crypto::Sealer& sealer() const { return sealer_; }
  [[nodiscard]] const crypto::Digester& digester() const { return digester_; }
  [[nodiscard]] const crypto::SigningKeys& signing_keys() const { return signing_keys_; }

  /// Of test mode; derived from the live ones.
  [[nodiscard]] const crypto::SigningKeys& test_signing_keys() const { return test_signing_keys_; }

  /// Replaces the keys by `next`, if they are valid for the database `store`; else the error is one sentence and
  /// nothing changes. True if something changed.
  [[nodiscard]] Result<bool, std::string> take(const SecretsConfig& next, store::Store& store, WallTime now);

  /// This node's keys, as recorded for others.
  [[nodiscard]] store::KeyHolder holder(const std::string& node, WallTime now) const;

 private:
  crypto::Sealer sealer_;
  const crypto::Digester digester_;
  crypto::SigningKeys signing_keys_;
  crypto::SigningKeys test_signing_keys_;
  mutable std::mutex mutex_;
  SecretsConfig secrets_;  ///< Guarded by mutex_, as are all members below.
  WallTime since_;
};

}  // namespace countersign::main
