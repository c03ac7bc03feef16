#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "fraud/engines.h"

namespace countersign::testing::fraud {

/// An attack on a ticketing platform in the days after its sale opened. Each runs beside all honest traffic.
enum class Attack : std::uint8_t {
  kNone,
  kNewCountry,       ///< Codes to one country without a history.
  kNewPrefix,        ///< To one prefix, without a history, in a country that is used.
  kUsedPrefix,       ///< To one prefix where a hundred people of a company come each day.
  kManyCountries,    ///< To forty countries without a history, two an hour to each.
  kSomeTyped,        ///< As kNewCountry, with 3 % of the codes typed.
  kOwnApp,           ///< As kNewCountry, with all codes typed, on numbers of his own.
  kSpreadInCountry,  ///< To a country that is used, each in another prefix.
  kResend,           ///< Codes to the number of one victim.
  kLockOut,          ///< All he can to shut one victim out: her prefix, her country, her address.
  kPoison,           ///< For sixty days, as whoever comes back with numbers of his own, to look usual.
};
[[nodiscard]] std::string_view name_of(Attack attack);

struct Terms {
  std::uint64_t seed = 1;
  Attack attack = Attack::kNone;
  int days_before = 16;      ///< With what is usual, before the sale.
  int new_on_sale = 20'000;  ///< People who come for the first time, on the day of the sale.
};

struct Figures {
  // Of the attack.
  std::int64_t tried = 0;
  std::int64_t paid = 0;
  std::int64_t paid_in_a_day =
      0;                   ///< To one attacked place, the most in any 24 hours. A place: a country, or a prefix.
  std::int64_t usual = 0;  ///< Of the attacked prefix: what is typed there on a day.
  // Of honest people.
  std::int64_t newcomers = 0;       ///< Outside attacked prefixes, countries and addresses.
  std::int64_t asked_for_more = 0;  ///< Of them: whom a rule stopped at least once.
  std::int64_t proved = 0;          ///< Codes to people who had proved their contact.
  std::int64_t proved_stopped = 0;  ///< By a rule.
  std::int64_t victim = 0;          ///< Codes that the victim asked for.
  std::int64_t victim_stopped = 0;
};

[[nodiscard]] Figures simulate(Engine& engine, const Terms& terms);
/// What an operator sets before the sale.
[[nodiscard]] std::map<std::string, std::int64_t, std::less<>> expected_of(const Terms& terms);

}  // namespace countersign::testing::fraud
