#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contact/channel.h"
#include "usecase/verify_api/refusal.h"
#include "usecase/work.h"

namespace countersign::usecase::verify_api {

// Sends of codes and their results: Twilio's verification attempts. They are shown for kAttemptsVisible.

inline constexpr Duration kAttemptsVisible = std::chrono::days(30);

/// Filters match exactly; absent or empty ones match everything.
struct AttemptFilter {
  std::optional<WallTime> after{};   ///< Made at or after that time.
  std::optional<WallTime> before{};  ///< Made before that.
  std::optional<Id> older_than{};    ///< Older than this one, for the next page; `before` is then ignored.
  std::optional<ServiceId> service{};
  std::optional<VerificationId> verification{};
  std::optional<contact::Channel> channel{};
  std::optional<bool> converted{};
  std::string to{};
  std::string country{};  ///< ISO 3166 code of the phone number.
  std::string prefix{};   ///< Of the address.
};

struct Attempt {
  MessageId id;
  VerificationId verification;
  ServiceId service;
  contact::Channel channel;
  std::string to;
  std::string country;  ///< Empty if the address has none.
  std::string message_status;
  std::optional<std::string> error_code;
  std::string locale;
  int code_length;
  bool converted;  ///< Its verification was approved.
  WallTime updated_at;
};

/// Newest first, at most `limit`. With a filter on the address, one call opens a bounded number of sends, and does not
/// find older ones.
[[nodiscard]] std::vector<Attempt> list_attempts(const Work& work, const AttemptFilter& filter, int limit);
[[nodiscard]] Verdict<Attempt> show_attempt(const Work& work, const MessageId& id);

struct AttemptCounts {
  std::int64_t total = 0;
  std::int64_t converted = 0;
};
/// With the same bound.
[[nodiscard]] AttemptCounts count_attempts(const Work& work, const AttemptFilter& filter);

}  // namespace countersign::usecase::verify_api
