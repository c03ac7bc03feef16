#include "demo/steps/event.h"

#include <fmt/format.h>

#include <charconv>

#include "demo/brazil/postal_code.h"
#include "demo/brazil/typed.h"

namespace countersign::demo {

namespace {

constexpr std::int64_t kTicketsMax = 200'000;

std::optional<std::int64_t> number_of(std::string_view digits) {
  std::int64_t number = 0;
  if (!all_digits(digits)) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

/// A day as browsers send it; where a browser has no such field, people may also write `24/06/2027`.
std::string iso_date(std::string_view typed) {
  const std::string text = trimmed(typed);
  if (text.size() == 10 && text[2] == '/' && text[5] == '/')
    return text.substr(6) + "-" + text.substr(3, 2) + "-" + text.substr(0, 2);
  return text;
}

void check_date(const Fields& fields, WallTime now, Event& event, Faults& faults) {
  event.date = iso_date(field(fields, "date"));
  if (event.date.empty()) return faults.add("date", "fault.date.empty");
  const auto end_of_day = from_rfc3339(event.date + "T23:59:59-03:00");
  if (!end_of_day) return faults.add("date", "fault.date.form");
  if (*end_of_day < now) faults.add("date", "fault.date.past");
}

void check_lot(const Fields& fields, int number, Event& event, Faults& faults) {
  const auto name = [&](std::string_view part) { return fmt::format("lot{}_{}", number, part); };
  const auto typed = [&](std::string_view part) { return trimmed(field(fields, name(part))); };
  const bool untouched = typed("name").empty() && typed("price").empty() && typed("tickets").empty();
  if (untouched && number > 1) return;
  Lot lot;
  lot.name = faults.name(fields, name("name"), 60);
  if (const auto price = parse_price(typed("price"))) {
    lot.price_cents = *price;
  } else {
    faults.add(name("price"), "fault.price");
  }
  const auto tickets = number_of(without(typed("tickets"), "."));
  if (tickets && *tickets >= 1 && *tickets <= kTicketsMax) {
    lot.tickets = *tickets;
  } else {
    faults.add(name("tickets"), "fault.tickets");
  }
  event.lots.push_back(std::move(lot));
}

}  // namespace

std::optional<std::int64_t> parse_price(std::string_view typed) {
  std::string text = trimmed(typed);
  if (text.starts_with("R$")) text = trimmed(text.substr(2));
  const auto comma = text.find(',');
  const std::string whole = without(text.substr(0, comma), ".");
  std::string cents = comma == std::string::npos ? "00" : text.substr(comma + 1);
  if (cents.size() == 1) cents += '0';
  if (whole.size() > 7 || cents.size() != 2) return std::nullopt;
  const auto reais = number_of(whole);
  const auto rest = number_of(cents);
  return reais && rest ? std::optional(*reais * 100 + *rest) : std::nullopt;
}

Checked<Event> check_event(const Fields& fields, WallTime now) {
  Faults faults;
  Event event;
  event.name = faults.name(fields, "event", 100);
  check_date(fields, now, event, faults);
  event.time = trimmed(field(fields, "time"));
  if (event.time.size() != 5 || !from_rfc3339("2000-01-01T" + event.time + ":00Z"))
    faults.add("time", event.time.empty() ? "fault.time.empty" : "fault.time.form");
  event.venue = faults.name(fields, "venue", 120);
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
          {"lots", std::move(lots)}};
}

Event event_from_json(std::string_view text) {
  const auto value = parse_json(text).value();
  const auto& object = value.get_object();
  const auto text_of = [](const json::object& from, std::string_view name) {
    return std::string(json_text(from, name).value_or(""));
  };
  Event event{text_of(object, "name"),  text_of(object, "date"),        text_of(object, "time"),
              text_of(object, "venue"), text_of(object, "postal_code"), {}};
  for (const auto& lot : object.at("lots").get_array()) {
    const auto& from = lot.get_object();
    event.lots.push_back({text_of(from, "name"), json_integer(from, "price_cents").value_or(0),
                          json_integer(from, "tickets").value_or(0)});
  }
  return event;
}

}  // namespace countersign::demo
