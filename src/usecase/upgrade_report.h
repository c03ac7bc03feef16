#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "domain/standing/history.h"
#include "store/tx.h"

namespace countersign::usecase {

/// What an upgrade to the rules of standing does to the people in a database from before them.
struct UpgradeReport {
  std::int64_t subjects = 0;  ///< With a transaction, and a contact or factor that lives.
  std::int64_t losing = 0;    ///< Of them with a source that would carry a decision today and does not count any more.
  std::int64_t without_any = 0;             ///< Of those with no source left that counts.
  std::optional<WallTime> until;            ///< When the last of those sources counts.
  std::map<std::string, std::int64_t> why;  ///< Of `losing`, by kind and reason: "authenticator: waits".
};

/// By the function that makes the bindings (usecase/known_before.h), over the columns that were there before. Reads
/// alone, opens nothing sealed, and works on a database of the old schema and of the new one.
[[nodiscard]] UpgradeReport report_upgrade(store::Tx& tx, const domain::standing::Rules& rules, WallTime now);

}  // namespace countersign::usecase
