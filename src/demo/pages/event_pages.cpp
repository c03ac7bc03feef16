#include <chrono>

#include "demo/pages/pages.h"
#include "demo/pages/view.h"

namespace countersign::demo {

namespace {

html::Object event_view(const SqlRow& row, const Visit& visit) {
  const Event event = event_from_json(row.text("details"));
  const std::string& state = row.text("state");
  html::List lots;
  bool any_left = false;
  for (const auto& lot : event.lots) {
    any_left = any_left || lot.tickets > 0;
    lots.push_back({{"name", lot.name},
                    {"other", other_language(event.language, visit.language)},
                    {"price", format_price(lot.price_cents, visit.language)},
                    {"sold_out", lot.tickets == 0}});
  }
  return {{"href", "/eventos/" + row.text("id")},
          {"name", event.name},
          {"other", other_language(event.language, visit.language)},
          {"when", format_event_time(event, visit.language)},
          {"day", event.date.substr(8, 2)},
          {"month", visit.text("month." + event.date.substr(5, 2))},
          {"venue", event.venue},
          {"postal_code", event.postal_code},
          {"lots", std::move(lots)},
          {"cancelled", state == "cancelled"},
          {"sold_out", state != "cancelled" && !any_left},
          {"payouts_on", row.text("payouts") == "on"}};
}

/// An event is read from a SELECT that begins like this.
constexpr std::string_view kEvents = R"sql(
    SELECT events.id AS id, details, state, coalesce(payouts, '') AS payouts
    FROM events
    LEFT JOIN organizers ON organizers.id = organizer
)sql";

std::string events_where(std::string_view condition) { return std::string(kEvents).append(condition); }

std::string date_after(WallTime now, int days) { return to_rfc3339(now + std::chrono::hours(24) * days).substr(0, 10); }

}  // namespace

http::Response home_page(Visit& visit) {
  static constexpr std::string_view kShown = R"sql(
      WHERE state <> 'prepared'
      ORDER BY details ->> '$.date', events.id
  )sql";
  html::List events;
  for (const auto& row : visit.desk.database.all(events_where(kShown))) events.push_back(event_view(row, visit));
  return visit.page("home", {{"title", visit.text("home.title")}, {"events", std::move(events)}});
}

http::Response event_page(Visit& visit) {
  const auto row = visit.desk.database.one(events_where("WHERE events.id = :id AND state <> 'prepared'"),
                                           {{"id", visit.request.params.front()}});
  if (!row) return visit.page("not_found", {{"title", visit.text("not_found.title")}}, 404);
  auto view = event_view(*row, visit);
  view.insert_or_assign("title", view.at("name"));
  return visit.page("event", std::move(view));
}

void seed_events(Database& database, Moment& moment) {
  static constexpr std::string_view kInsert = R"sql(
      INSERT INTO events (id, name, details, state, created_at)
      VALUES (:id, :name, :details, :state, :now)
      ON CONFLICT DO NOTHING
  )sql";
  const Event on_sale{"Noite de Samba no Galpão",
                      date_after(moment.now, 45),
                      "20:00",
                      "Galpão das Artes, São Paulo",
                      "01310-100",
                      {{"Lote 1", 6000, 0}, {"Lote 2", 8000, 240}, {"Meia-entrada", 4000, 120}}};
  const Event sold_out{"Festival Varanda",
                       date_after(moment.now, 12),
                       "16:00",
                       "Parque da Estação, Belo Horizonte",
                       "30130-010",
                       {{"Inteira", 14000, 0}, {"Meia-entrada", 7000, 0}}};
  const Event cancelled{"Cinema na Praça", date_after(moment.now, 20), "19:30", "Praça do Relógio, São Paulo",
                        "01310-100",       {{"Cadeira", 2500, 80}}};
  const auto add = [&](std::string id, const Event& event, std::string state) {
    database.run(kInsert, {{"id", std::move(id)},
                           {"name", event.name},
                           {"details", canonical_json(to_json(event))},
                           {"state", std::move(state)},
                           {"now", to_micros(moment.now)}});
  };
  add("1-noite-de-samba", on_sale, "on_sale");
  add("2-festival-varanda", sold_out, "on_sale");
  add("3-cinema-na-praca", cancelled, "cancelled");
}

}  // namespace countersign::demo
