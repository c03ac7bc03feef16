#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "api/v1/filters.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "base/ascii.h"
#include "base/encoding.h"
#include "usecase/risk/blocks.h"
#include "usecase/risk/decisions.h"

namespace countersign::api::v1 {

namespace {

/// A country, or a name of a rule.
bool is_name(std::string_view text) {
  constexpr std::size_t kMax = 64;
  return !text.empty() && text.size() <= kMax && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_' || c == '+' || c == '.';
  });
}

/// A number as JSON has it; nothing else can be a value of a feature.
std::string number_text(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "null"; }

std::optional<std::string> digest_text(const std::string& digest) {
  return digest.empty() ? std::nullopt : std::optional(to_hex(digest));
}

void write_match(JsonWriter& json, const risk::Match& match) {
  json.open_object().member("rule", match.rule).member("outcome", risk::to_text(match.outcome));
  json.member("shadow", match.shadow).member("advisory", match.advisory).key("figures").open_array();
  for (const auto& figure : match.figures) {
    json.open_object().member("feature", figure.feature);
    json.raw_member("value", number_text(figure.value)).raw_member("limit", number_text(figure.limit)).close_object();
  }
  json.close_array().close_object();
}

void write_decision(JsonWriter& json, const risk::Record& record) {
  const auto& decision = record.decision;
  json.open_object().member("id", record.id).member("at", record.at);
  json.member("point", risk::to_text(decision.point)).member("outcome", risk::to_text(decision.outcome));
  json.member("allow_reason", decision.allow_reason.transform([](auto reason) { return risk::to_text(reason); }));
  json.key("matches").open_array();
  for (const auto& match : decision.matches) write_match(json, match);
  json.close_array();
  json.member("service", unless_empty(record.features.words.service));
  json.member("transaction", record.transaction).member("subject", record.subject);
  json.member("channel", unless_empty(record.features.words.channel));
  json.member("country", unless_empty(record.keys.country)).member("prefix", unless_empty(record.keys.prefix));
  json.member("address", digest_text(record.keys.address)).member("network", digest_text(record.keys.network));
  json.member("device", digest_text(record.keys.device)).key("features").open_object();
  for (std::size_t i = 0; i < risk::kFeatures; ++i) {
    const auto feature = static_cast<risk::Feature>(i);
    if (const auto value = record.features.get(feature)) json.raw_member(risk::info(feature).name, number_text(*value));
  }
  json.close_object().close_object();
}

usecase::Answer<store::DecisionFilter> read_decision_filter(const http::Request& request) {
  store::DecisionFilter filter;
  const auto limit = page_limit(request);
  if (!limit) return usecase::refuse_field("limit", "must be 1 to 200");
  filter.limit = *limit;
  const auto made = read_time_range(request);
  if (!made) return fail(made.error());
  filter.made = *made;
  if (const auto point = request.query_value("point")) {
    filter.point = risk::parse_point(*point);
    if (!filter.point) return usecase::refuse_field("point", "must be hold, send, enrol, approve or claim");
  }
  if (const auto outcome = request.query_value("outcome")) {
    filter.outcome = risk::parse_outcome(*outcome);
    if (!filter.outcome) return usecase::refuse_field("outcome", "must be allow, note, another_kind, review or refuse");
  }
  if (const auto rule = request.query_value("rule")) {
    if (!is_name(*rule)) return usecase::refuse_field("rule", "must be the name of a rule");
    filter.rule = *rule;
  }
  if (const auto country = request.query_value("country")) {
    if (!is_name(*country)) return usecase::refuse_field("country", "must be a country such as BR");
    filter.country = *country;
  }
  const auto transaction = read_transaction_filter(request);
  if (!transaction) return fail(transaction.error());
  filter.transaction = *transaction;
  if (const auto cursor = request.query_value("cursor")) {
    filter.after = DecisionId::parse(*cursor);
    if (!filter.after) return usecase::refuse_field("cursor", "must be a next_cursor of an earlier page");
  }
  return filter;
}

usecase::Answer<std::string> list_decisions(const usecase::Work& work, const Call& call) {
  const auto filter = read_decision_filter(call.request);
  if (!filter) return fail(filter.error());
  const auto page = usecase::list_decisions(work, *filter);
  return page_json(page.records, page.next.transform([](const auto& id) { return id.text(); }), write_decision);
}

void write_block(JsonWriter& json, const store::BlockRow& row) {
  json.open_object().member("id", row.id).member("kind", risk::to_text(row.kind)).member("key", row.key);
  json.member("rule", row.rule).member("step", row.block.step).member("started_at", row.block.started_at);
  const bool for_good = row.block.until - row.block.started_at >= risk::kPermanently;
  json.member("until", for_good ? std::nullopt : std::optional(row.block.until)).close_object();
}

usecase::Answer<std::string> list_blocks(const usecase::Work& work, const Call& call) {
  const auto limit = page_limit(call.request);
  if (!limit) return usecase::refuse_field("limit", "must be 1 to 200");
  std::optional<BlockId> after;
  if (const auto cursor = call.request.query_value("cursor")) {
    after = BlockId::parse(*cursor);
    if (!after) return usecase::refuse_field("cursor", "must be a next_cursor of an earlier page");
  }
  return page_json(usecase::list_blocks(work, after, *limit), *limit, write_block,
                   [](const store::BlockRow& row) { return row.id.text(); });
}

usecase::Answer<usecase::Recorded> lift_block(const usecase::Work& work, const Call& call) {
  const auto id = BlockId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::lift_block(work, *id).transform([](Done) { return usecase::Recorded{204, ""}; });
}

}  // namespace

void add_risk_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kGet, "/v1/risk/decisions", "list_risk_decisions",
             reads(api, list_decisions,
                   {"point", "outcome", "rule", "country", "transaction", "since", "until", "cursor", "limit"}));
  router.add(http::Method::kGet, "/v1/risk/blocks", "list_risk_blocks", reads(api, list_blocks, {"cursor", "limit"}));
  router.add(http::Method::kDelete, "/v1/risk/blocks/{id}", "lift_risk_block", writes(api, Body::kNone, lift_block));
}

}  // namespace countersign::api::v1
