#pragma once

#include <string>
#include <string_view>

#include "base/id.h"
#include "crypto/digest.h"
#include "crypto/sealing.h"

namespace countersign::store {

/// Keeps data unreadable at rest: sealing for columns, digests for look-ups. Both outlive the vault; a vault is cheap
/// to copy and thread-safe.
class Vault {
 public:
  Vault(const crypto::Sealer& sealer, const crypto::Digester& digester) : sealer_(&sealer), digester_(&digester) {}

  [[nodiscard]] std::string seal(std::string_view plain, std::string_view table, std::string_view row,
                                 std::string_view column, Random& random) const {
    return sealer_->seal(plain, {table, row, column}, random);
  }

  /// Throws StoreFailure for a column that cannot be opened: it was tampered with, or its key is missing.
  [[nodiscard]] SecretString open(std::string_view sealed, std::string_view table, std::string_view row,
                                  std::string_view column) const;

  [[nodiscard]] const crypto::Sealer& sealer() const { return *sealer_; }
  [[nodiscard]] const crypto::Digester& digester() const { return *digester_; }

 private:
  const crypto::Sealer* sealer_;
  const crypto::Digester* digester_;
};

}  // namespace countersign::store
