#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

// What the fraud rules about trust remember of people (risk/profile.h), and how many people there are at one place. All
// keys are keyed digests of the account. Written beside the hot path (usecase/risk/trust_book.h). [PRV-1]

/// What several people may have in common. Stored as its number.
enum class LinkKind : std::uint8_t { kDevice = 1, kAddress = 2, kPayout = 3 };

/// How long a link is kept after it was last counted: of a device and an address, which are counted by day, two days.
inline constexpr std::int64_t kLinkDaysKept = 2;
inline constexpr std::int64_t kPayoutDaysKept = 400;

struct Link {
  LinkKind kind = LinkKind::kDevice;
  std::int64_t bucket = 0;  ///< The day of the epoch; of a payout 0.
  std::string key;
  auto operator<=>(const Link&) const = default;
};

/// What a hold asks with its subject (ensure_subject). Empty keys are not asked.
struct AskTrust {
  std::string device;
  std::string address;
  std::string payout;
  std::int64_t day = 0;
};
struct StoredTrust {
  std::optional<std::string> profile;  ///< risk::Profile::encode().
  std::int64_t on_device = 0;
  std::int64_t at_address = 0;
  std::int64_t with_payout = 0;
};

[[nodiscard]] std::optional<std::string> find_profile(Tx& tx, const AccountId& account, const SubjectId& subject);
/// `day`: of the epoch; it is kept so long from there.
void save_profile(Tx& tx, const AccountId& account, const SubjectId& subject, std::string_view content,
                  std::int64_t day);
void delete_profile(Tx& tx, const AccountId& account, const SubjectId& subject);

/// So many people more. `day`: when.
void count_people(Tx& tx, const AccountId& account, const Link& link, std::int64_t people, std::int64_t day);

/// Deletes what is older than kLinkDaysKept and kPayoutDaysKept, at most `limit` rows of each; returns how many.
std::int64_t purge_risk_people(Tx& tx, const AccountId& account, std::int64_t today, int limit);

}  // namespace countersign::store
