#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "domain/conversion.h"
#include "store/tx.h"

namespace countersign::store {

// What became of codes (domain/conversion.h). Nothing here names a person: numbers stand without their last four
// digits, and those who have taught the weights as keyed digests, for an hour. [PRV-1]

/// What is counted together. `day`: since 1970, UTC, of the asking.
struct ConversionKey {
  AccountId account;
  std::int64_t day = 0;
  std::string provider;
  std::string channel;
  std::string country;  ///< As country_of(); empty for a mailbox.
  std::string prefix;   ///< As domain::conversion::prefix_of(), or kOtherPrefixes.
  int attempt = 1;
  friend auto operator<=>(const ConversionKey&, const ConversionKey&) = default;
};
struct ConversionCounts {
  std::int64_t started = 0;   ///< Messages that a provider accepted.
  std::int64_t approved = 0;  ///< Right codes.
  std::int64_t seconds = 0;   ///< From the asking to the right code, of all of them.
  friend bool operator==(const ConversionCounts&, const ConversionCounts&) = default;
};
using Conversions = std::map<ConversionKey, ConversionCounts>;

[[nodiscard]] std::int64_t day_of(WallTime time);

/// Adds them to what is stored: two statements for each account and day, and one for each key. A prefix that would be
/// one more than domain::conversion::kPrefixesMax of its account and day is counted among the others.
void add_conversions(Tx& tx, const Conversions& counted);

struct ConversionFilter {
  std::int64_t since = 0;  ///< The first day.
  std::int64_t until = 0;  ///< The day after the last.
  std::optional<std::string> provider;
  std::optional<std::string> channel;
  std::optional<std::string> country;
  bool by_prefix = false;              ///< Else all prefixes are one, empty.
  std::optional<ConversionKey> after;  ///< The last of the page before.
  int limit = 200;
};
struct ConversionRow {
  ConversionKey key;
  ConversionCounts counts;
};
/// In the order of the key.
[[nodiscard]] std::vector<ConversionRow> list_conversion(Tx& tx, const AccountId& account,
                                                         const ConversionFilter& filter);

/// Whose weight it is.
struct LearnedKey {
  ServiceId service;
  std::string channel;
  std::string country;
  std::string provider;
  friend auto operator<=>(const LearnedKey&, const LearnedKey&) = default;
};
using LearnedWeights = std::map<LearnedKey, domain::conversion::Learned>;

/// All of them. Bounded by the configuration and the number of countries.
[[nodiscard]] LearnedWeights learned_weights(Tx& tx);
/// Those that are not as configured.
[[nodiscard]] std::map<LearnedKey, int> learned_shares(Tx& tx);
[[nodiscard]] std::optional<domain::conversion::Learned> find_learned(Tx& tx, const LearnedKey& key);
void save_learned(Tx& tx, const LearnedKey& key, const domain::conversion::Learned& learned);
void forget_learned(Tx& tx, const LearnedKey& key);

/// Whether nobody with that keyed digest was noted until `now`; notes it until `until`.
[[nodiscard]] bool note_teacher(Tx& tx, std::string_view digest, WallTime now, WallTime until);
void forget_teachers(Tx& tx, WallTime now);

}  // namespace countersign::store
