#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "domain/standing/history.h"
#include "store/tx.h"

namespace countersign::usecase {

/// The effect of upgrading to the rules of standing on the people in an older database.
struct UpgradeReport {
  std::int64_t subjects = 0;     ///< With a transaction, and an active contact or factor.
  std::int64_t losing = 0;       ///< Those with a source that could approve today and does not count after the upgrade.
  std::int64_t without_any = 0;  ///< Those of them with no source left that counts.
  std::optional<WallTime> until;            ///< When the last of these sources counts.
  std::map<std::string, std::int64_t> why;  ///< Of `losing`, by kind and reason: "authenticator: waits".
};

/// Uses the function that makes the bindings (usecase/subject/known_before.h), on the columns of the old schema. Reads
/// only, opens nothing sealed, and works on a database of the old or the new schema.
[[nodiscard]] UpgradeReport report_upgrade(store::Tx& tx, const domain::standing::Rules& rules, WallTime now);

}  // namespace countersign::usecase
