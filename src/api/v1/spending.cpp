#include "usecase/spending/budgets.h"

#include <fmt/format.h>

#include "api/v1/fields.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "domain/price.h"
#include "usecase/spending/switch.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

std::string sum_text(std::int64_t micros, const std::string& currency) {
  return domain::to_text(domain::Price{micros, currency});
}

void write_budget(JsonWriter& json, const usecase::BudgetView& view, const std::string& currency) {
  const bool of_service = view.of == "service";
  json.open_object().member("of", view.of);
  json.member("service", of_service ? std::optional(view.service.text()) : std::nullopt);
  json.member("country", view.of == "country" ? std::optional(view.country) : std::nullopt);
  json.member("spent", sum_text(view.spent, currency));
  const auto& budget = view.budget;
  json.member("limit", budget ? std::optional(sum_text(budget->limit, currency)) : std::nullopt);
  json.member("reserve", budget ? std::optional(sum_text(budget->reserve, currency)) : std::nullopt);
  json.member("closes", budget ? std::optional(sum_text(domain::most_of(*budget, true), currency)) : std::nullopt);
  json.member("state", domain::to_text(view.state)).close_object();
}

std::string budgets_json(const usecase::BudgetsView& view) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(view.day));
  JsonWriter json;
  json.open_object().member("currency", view.currency.empty() ? std::nullopt : std::optional(view.currency));
  json.member("day", fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                                 static_cast<unsigned>(day.day())));
  json.member("ends_at", view.day + std::chrono::hours(24)).member("stopped_at", view.stopped_at);
  json.key("data").open_array();
  for (const auto& one : view.budgets) write_budget(json, one, view.currency);
  return json.close_array().close_object().take();
}

Answer<std::string> list_budgets(const usecase::Work& work, const Call& call) {
  return budgets_json(usecase::show_budgets(work.tx, work.context, call.caller.account, work.moment.now));
}

Answer<Recorded> change_spending(const usecase::Work& work, const Call& call) {
  Fields fields(call.body, "", {"stopped"});
  if (fields.any("stopped") == nullptr) fields.refuse("stopped", "is missing");
  const bool stopped = fields.boolean("stopped", false);
  if (fields.problem()) return fail(*fields.problem());
  return usecase::switch_spending(work, stopped).transform([](const std::optional<WallTime>& at) {
    JsonWriter json;
    return Recorded{200, json.open_object().member("stopped_at", at).close_object().take()};
  });
}

}  // namespace

void add_spending_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kGet, "/v1/risk/budgets", "list_budgets", reads(api, list_budgets));
  router.add(http::Method::kPost, "/v1/risk/spending", "change_spending",
             writes(api, Body::kRequired, change_spending, nudge));
}

}  // namespace countersign::api::v1
