#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "demo/steps/step.h"

namespace countersign::demo {

struct Lot {
  std::string name;
  std::int64_t price_cents = 0;
  std::int64_t tickets = 0;
};

/// Step 2: the event, with date, place and prices.
struct Event {
  std::string name;
  std::string date;  ///< `2027-06-24`
  std::string time;  ///< `20:00`
  std::string venue;
  std::string postal_code;
  std::vector<Lot> lots;           ///< One to three.
  std::string language = "pt-BR";  ///< The page's language when its texts were typed.
};

inline constexpr int kLotsMax = 3;
inline constexpr std::int64_t kPriceMax = 9'999'999'99;  ///< In cents.
inline constexpr std::int64_t kTicketsMax = 200'000;

/// Fields: event, date, time, venue, postal_code, lot1_name, lot1_price, lot1_tickets to lot3_…, and language: the
/// page's, for reading numbers and dates. The date must not be before the day of `now`.
[[nodiscard]] Checked<Event> check_event(const Fields& fields, WallTime now);

[[nodiscard]] json::object to_json(const Event& event);
[[nodiscard]] Event event_from_json(std::string_view text);  ///< From the result of to_json().

}  // namespace countersign::demo
