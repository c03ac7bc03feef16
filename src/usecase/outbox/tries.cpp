#include "usecase/outbox/tries.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/encoding.h"

namespace countersign::usecase {

namespace {

json::object try_json(const Try& one) {
  return {{"provider", one.provider},
          {"outcome", one.outcome},
          {"code", one.code.empty() ? json::value(nullptr) : json::value(one.code)},
          {"doubtful", one.doubtful},
          {"at", to_rfc3339(one.at)},
          {"cost", one.price ? json::value(domain::to_text(*one.price)) : json::value(nullptr)}};
}

}  // namespace

void add(Tries& tries, Try one) {
  if (tries.size() >= kTriesKept) tries.erase(tries.begin());
  tries.push_back(std::move(one));
}

json::array tries_json(const Tries& tries) {
  json::array all;
  for (const auto& one : tries) all.push_back(try_json(one));
  return all;
}

std::optional<std::string> tries_text(const Tries& tries) {
  return tries.empty() ? std::nullopt : std::optional(canonical_json(tries_json(tries)));
}

Tries parse_tries(const std::optional<std::string>& text) {
  Tries tries;
  const auto parsed = text ? parse_json(*text) : parse_json("[]");
  if (!parsed || !parsed->is_array()) return tries;
  for (const auto& value : parsed->get_array()) {
    if (!value.is_object()) continue;
    const auto& object = value.get_object();
    Try one;
    one.provider = json_text_or_empty(object, "provider");
    one.outcome = json_text_or_empty(object, "outcome");
    one.code = json_text_or_empty(object, "code");
    one.at = from_rfc3339(json_text_or_empty(object, "at")).value_or(WallTime{});
    const auto* doubtful = object.if_contains("doubtful");
    one.doubtful = doubtful != nullptr && doubtful->is_bool() && doubtful->get_bool();
    one.price = domain::parse_price(json_text_or_empty(object, "cost"));
    add(tries, std::move(one));
  }
  return tries;
}

std::vector<domain::Price> cost_of(const Tries& tries) {
  std::vector<domain::Price> sums;
  for (const auto& one : tries) {
    if (one.price) domain::add(sums, *one.price);
  }
  return sums;
}

}  // namespace countersign::usecase
