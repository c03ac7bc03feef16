#include "demo/steps/event.h"

#include <fmt/format.h>

#include "base/typed.h"
#include "demo/brazil/postal_code.h"
#include "demo/brazil/typed.h"
#include "demo/numbers.h"

namespace countersign::demo {

namespace {

/// `2027-06-24` from a written day, month and year; empty if invalid.
std::string iso_of(std::string_view day, std::string_view month, std::string_view year) {
  return fmt::format("{}-{}-{}", year, month, day);
}

/// A date as sent by browsers; for browsers without a date field also `24/06/2027`, and in English `06/24/2027`, but
/// only if a number above 12 shows which is the day.
std::string iso_date(std::string_view typed, std::string_view language) {
  const std::string text = trimmed(plain_typed(typed));
  if (text.size() != 10 || text[2] != '/' || text[5] != '/') return text;
  const std::string_view first = std::string_view(text).substr(0, 2);
  const std::string_view second = std::string_view(text).substr(3, 2);
  const std::string_view year = std::string_view(text).substr(6);
  if (!language.starts_with("en") || first > "12") return iso_of(first, second, year);
  return second > "12" || first == second ? iso_of(second, first, year) : text;
}

/// `20:00` from `20:00`, `9:30`, `20h`, `20h30`; unchanged if it is none of these.
std::string clock_time(std::string_view typed) {
  std::string text = lower_case(trimmed(plain_typed(typed)));
  if (const auto h = text.find('h'); h != std::string::npos) text[h] = ':';
  if (text.ends_with(':')) text += "00";
  return text.size() == 4 && text[1] == ':' ? "0" + text : text;
}

void check_date(const Fields& fields, WallTime now, Event& event, Faults& faults) {
  event.date = iso_date(field(fields, "date"), event.language);
  if (event.date.empty()) return faults.add("date", "fault.date.empty");
  const auto end_of_day = from_rfc3339(event.date + "T23:59:59-03:00");
  if (!end_of_day) return faults.add("date", "fault.date.form");
  if (*end_of_day < now) faults.add("date", "fault.date.past");
}

constexpr std::string_view price_text(NumberFault fault) {
  switch (fault) {
    case NumberFault::kEmpty:
      return "fault.price.empty";
    case NumberFault::kTwoWays:
      return "fault.price.two_ways";
    case NumberFault::kTooLarge:
      return "fault.price.large";
    case NumberFault::kForm:
    case NumberFault::kFraction:
      break;
  }
  return "fault.price.form";
}

constexpr std::string_view tickets_text(NumberFault fault) {
  switch (fault) {
    case NumberFault::kEmpty:
      return "fault.tickets.empty";
    case NumberFault::kTwoWays:
      return "fault.tickets.two_ways";
    case NumberFault::kFraction:
      return "fault.tickets.whole";
    case NumberFault::kTooLarge:
      return "fault.tickets.range";
    case NumberFault::kForm:
      break;
  }
  return "fault.tickets.form";
}

void check_lot(const Fields& fields, int number, Event& event, Faults& faults) {
  const auto name = [&](std::string_view part) { return fmt::format("lot{}_{}", number, part); };
  const auto typed = [&](std::string_view part) { return field(fields, name(part)); };
  const auto untyped = [&](std::string_view part) { return trimmed(typed(part)).empty(); };
  if (number > 1 && untyped("name") && untyped("price") && untyped("tickets")) return;
  const std::map<std::string, std::string> which{{"number", std::to_string(number)}};
  const auto style = number_style(event.language);
  Lot lot;
  lot.name = faults.name(fields, name("name"), 60, "fault.lot.empty", which);
  const auto price = parse_cents(typed("price"), style, kPriceMax);
  if (!price) faults.add(name("price"), price_text(price.error()), which);
  lot.price_cents = price.value_or(0);
  const auto tickets = parse_count(typed("tickets"), style, kTicketsMax);
  if (!tickets) faults.add(name("tickets"), tickets_text(tickets.error()), which);
  lot.tickets = tickets.value_or(0);
  if (tickets && lot.tickets == 0) faults.add(name("tickets"), "fault.tickets.range", which);
  event.lots.push_back(std::move(lot));
}

}  // namespace

Checked<Event> check_event(const Fields& fields, WallTime now) {
  Faults faults;
  Event event;
  if (const auto language = field(fields, "language"); language == "en" || language == "es") event.language = language;
  event.name = faults.name(fields, "event", 100, "fault.event.empty");
  check_date(fields, now, event, faults);
  event.time = clock_time(field(fields, "time"));
  if (event.time.size() != 5 || !from_rfc3339("2000-01-01T" + event.time + ":00Z"))
    faults.add("time", event.time.empty() ? "fault.time.empty" : "fault.time.form");
  event.venue = faults.name(fields, "venue", 120, "fault.venue.empty");
  if (auto postal_code = parse_postal_code(field(fields, "postal_code"))) {
    event.postal_code = *std::move(postal_code);
  } else {
    faults.add("postal_code", "fault.postal_code");
  }
  for (int number = 1; number <= kLotsMax; ++number) check_lot(fields, number, event, faults);
  return std::move(faults).conclude(std::move(event));
}

json::object to_json(const Event& event) {
  json::array lots;
  for (const auto& lot : event.lots)
    lots.push_back(json::object{{"name", lot.name}, {"price_cents", lot.price_cents}, {"tickets", lot.tickets}});
  return {{"name", event.name},
          {"date", event.date},
          {"time", event.time},
          {"venue", event.venue},
          {"postal_code", event.postal_code},
          {"language", event.language},
          {"lots", std::move(lots)}};
}

Event event_from_json(std::string_view text) {
  const auto value = parse_json(text).value();
  const auto& object = value.get_object();
  const auto text_of = [](const json::object& from, std::string_view name) {
    return std::string(json_text(from, name).value_or(""));
  };
  Event event{text_of(object, "name"),    text_of(object, "date"),        text_of(object, "time"),
              text_of(object, "venue"),   text_of(object, "postal_code"), {},
              text_of(object, "language")};
  if (event.language.empty()) event.language = "pt-BR";  // Older rows have no language.
  for (const auto& lot : object.at("lots").get_array()) {
    const auto& from = lot.get_object();
    event.lots.push_back({text_of(from, "name"), json_integer(from, "price_cents").value_or(0),
                          json_integer(from, "tickets").value_or(0)});
  }
  return event;
}

}  // namespace countersign::demo
