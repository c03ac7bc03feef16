#pragma once

#include <cstdint>
#include <string>

namespace countersign::testing::carriers {

// A day of people whose codes go by the weights of a list, from a seed, by providers that report nothing. The rules are
// the product's (domain/conversion, domain/routing); the providers and the people are a model.

enum class Weakness {
  kNone,
  kPoor,  ///< For twelve hours the first provider loses two of five codes to one country of two.
  kLate,  ///< For twelve hours it delivers half of them there after two to six minutes.
};
[[nodiscard]] std::string name_of(Weakness weakness);

struct DayTerms {
  std::uint64_t seed = 1;
  Weakness weakness = Weakness::kNone;
  bool learned = false;  ///< Else the weights stay as configured.
  int people = 30'000;   ///< Evenly over the day.
};
struct DayFigures {
  /// Of a hundred people of that country whose telephone is on, who have a code within 60 s.
  double troubled = 0;      ///< In the twelve hours.
  double after = 0;         ///< In the last six hours of the day, when both work again.
  double elsewhere = 0;     ///< In the other country, all day.
  int share_then = 0;       ///< Of the first provider's weight at the end of the twelve hours, in thousandths.
  int share_after = 0;      ///< At the end of the day.
  int moves = 0;            ///< How often a share changed, in both countries.
  std::int64_t micros = 0;  ///< Paid in the twelve hours for that country, in millionths of a dollar for each code.
};
[[nodiscard]] DayFigures simulate_day(const DayTerms& terms);

}  // namespace countersign::testing::carriers
