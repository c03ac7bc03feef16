#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "delivery/ports.h"
#include "domain/price.h"

namespace countersign::usecase {

/// One provider's turn at a message, and what it may have cost.
struct Try {
  std::string provider;
  std::string outcome;  ///< `accepted`, or the name of the fault.
  std::string code;     ///< The provider's own, if it gave one.
  WallTime at;
  bool doubtful = false;               ///< It may have sent it, without saying so.
  std::optional<domain::Price> price;  ///< Of a message that it accepted or may have sent; absent: unknown.
};
/// Of one message, oldest first: at most this many, of which the oldest are forgotten first. [ADR 45]
inline constexpr std::size_t kTriesKept = 12;
using Tries = std::vector<Try>;

void add(Tries& tries, Try one);

// The column `tries` of `messages`: JSON, without anything about the person. Null: one try, by the message's provider,
// whose price is not known.
[[nodiscard]] std::optional<std::string> tries_text(const Tries& tries);
/// What cannot be read is empty: it is a record, nothing depends on it but how often providers change.
[[nodiscard]] Tries parse_tries(const std::optional<std::string>& text);

/// For the timeline of a transaction.
[[nodiscard]] json::array tries_json(const Tries& tries);
/// The sum of what is known.
[[nodiscard]] std::vector<domain::Price> cost_of(const Tries& tries);

}  // namespace countersign::usecase
