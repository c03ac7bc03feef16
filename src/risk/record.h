#pragma once

#include <optional>
#include <string>

#include "base/id.h"
#include "base/time.h"
#include "risk/decision.h"
#include "risk/features.h"

namespace countersign::risk {

/// What was counted for a decision, so that a replay can count it again. Digests are keyed, 16 bytes, and of the
/// account; whatever is empty was not known, or does not apply. [PRV-1]
struct Keys {
  std::string country = {};  ///< As a report names it; empty for a mailbox.
  std::string prefix = {};   ///< The number without its last four digits.
  std::string range = {};    ///< Without its last six.
  std::string address = {};  ///< Digest of the end user's address (IPv6: /64).
  std::string network = {};  ///< Digest of its network (/24, /48).
  std::string device = {};   ///< Digest of what the application calls the device.
  friend bool operator==(const Keys&, const Keys&) = default;
};

/// A decision as it is kept. It names nobody: whoever may read the transaction knows whose it was.
struct Record {
  DecisionId id;
  WallTime at;
  ServiceId service = {};
  std::optional<TransactionId> transaction = {};
  std::optional<SubjectId> subject = {};
  Decision decision;
  Features features = {};
  Keys keys = {};
};

}  // namespace countersign::risk
