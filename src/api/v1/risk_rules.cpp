#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "base/number.h"
#include "usecase/risk/review.h"
#include "usecase/risk/rule_set.h"
#include "usecase/risk/rules.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

Answer<std::string> show_rules(const usecase::Work& work, const Call& /*call*/) {
  return usecase::show_rules(work).transform([](const usecase::RulesView& view) {
    JsonWriter json;
    json.open_object().raw_member("set", canonical_json(view.set)).member("version", view.version);
    json.member("changed_by", unless_empty(view.changed_by)).member("changed_at", view.changed_at);
    json.key("in_force").open_array();
    for (const auto& rule : view.in_force) json.raw(canonical_json(usecase::to_json(rule)));
    json.close_array().key("fell_back").open_array();
    for (const auto& name : view.fallen) json.text(name);
    json.close_array().close_object();
    return json.take();
  });
}

Answer<Recorded> set_rules(const usecase::Work& work, const Call& call) {
  json::object set = call.body;
  std::optional<std::int64_t> version;
  if (const auto* replaced = set.if_contains("version")) {
    if (!replaced->is_int64()) return usecase::refuse_field("version", "must be a whole number");
    version = replaced->get_int64();
    set.erase("version");
  }
  const auto rules = usecase::read_rule_set(set);
  if (!rules) return fail(rules.error());
  return usecase::set_rules(work, *rules, version).transform([](const std::vector<std::string>& doubts) {
    JsonWriter json;
    json.open_object().key("warnings").open_array();
    for (const auto& doubt : doubts) json.text(doubt);
    json.close_array().close_object();
    return Recorded{200, json.take()};
  });
}

void write_review(JsonWriter& json, const store::TransactionRow& row) {
  const auto& state = row.state;
  json.open_object().member("transaction", state.id).member("type", row.type);
  json.member("status", domain::to_text(state.status)).member("subject", state.subject);
  json.key("rules").open_array();
  for (const auto& rule : row.risk.rules) json.text(rule);
  json.close_array().member("held_at", state.created_at).member("verified_at", state.verified_at);
  json.member("review_until", state.review.transform([](const auto& review) { return review.until; }));
  json.member("allowed_by", state.review ? unless_empty(state.review->allowed_by) : std::nullopt).close_object();
}

Answer<std::string> list_reviews(const usecase::Work& work, const Call& call) {
  const auto limit = page_limit(call.request);
  if (!limit) return usecase::refuse_field("limit", "must be 1 to 200");
  std::optional<WallTime> after;
  if (const auto cursor = call.request.query_value("cursor")) {
    const auto micros = parse_number<std::int64_t>(*cursor);
    if (micros) after = from_micros(*micros);
    if (!after) return usecase::refuse_field("cursor", "must be a next_cursor of an earlier page");
  }
  const auto rows = usecase::list_reviews(work, after, *limit);
  if (!rows) return fail(rows.error());
  return page_json(*rows, *limit, write_review,
                   [](const store::TransactionRow& row) { return std::to_string(to_micros(row.state.review->until)); });
}

Answer<Recorded> decide_review(const usecase::Work& work, const Call& call, bool allow) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  auto decided = allow ? usecase::allow_review(work, *id) : usecase::refuse_review(work, *id);
  return std::move(decided).transform([](const store::TransactionRow& row) {
    JsonWriter json;
    write_review(json, row);
    return Recorded{200, json.take()};
  });
}

}  // namespace

void add_risk_rule_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kGet, "/v1/risk/rules", "show_risk_rules", reads(api, show_rules));
  router.add(http::Method::kPut, "/v1/risk/rules", "set_risk_rules", writes(api, Body::kRequired, set_rules));
  router.add(http::Method::kGet, "/v1/risk/reviews", "list_risk_reviews",
             reads(api, list_reviews, {"cursor", "limit"}));
  router.add(http::Method::kPost, "/v1/risk/reviews/{transaction}/allow", "allow_risk_review",
             writes(
                 api, Body::kEmpty,
                 [](const usecase::Work& work, const Call& call) { return decide_review(work, call, true); }, nudge));
  router.add(http::Method::kPost, "/v1/risk/reviews/{transaction}/refuse", "refuse_risk_review",
             writes(
                 api, Body::kEmpty,
                 [](const usecase::Work& work, const Call& call) { return decide_review(work, call, false); }, nudge));
}

}  // namespace countersign::api::v1
