#include "simulation/receivers.h"

#include "base/json.h"

namespace countersign::simulation {

namespace {

std::string header(const delivery::HttpCall& call, std::string_view name) {
  for (const auto& [key, value] : call.headers) {
    if (key == name) return value;
  }
  return {};
}

delivery::HttpAnswer status(int code) { return {code, {}, "", Duration(1000)}; }

}  // namespace

void Receivers::add(const usecase::NewEndpoint& made) { secrets_[made.endpoint.url] = made.secret.expose(); }

delivery::HttpResult Receivers::post(const delivery::HttpCall& call) {
  const std::size_t dice = world_.faults() ? world_.chance.below(1000) : 999;
  if (dice < 40) {
    world_.tally.count("fault: webhook lost");
    return fail(delivery::HttpError{delivery::HttpFault::kConnect, "simulated", false});
  }
  const auto secret = crypto::WebhookSecret::parse(secrets_.at(call.url));
  CS_CHECK(secret.has_value());
  const std::string id = header(call, "webhook-id");
  const std::string timestamp = header(call, "webhook-timestamp");
  const std::string signature = header(call, "webhook-signature");
  require(crypto::verify_webhook({id, timestamp, signature}, call.body, {&*secret, 1}, world_.now()).has_value(),
          Invariant::kDrains, "webhook {} is not signed as its endpoint knows it", id);
  if (dice < 80) {
    world_.tally.count("fault: webhook answered 500");
    return status(500);
  }
  if (dice < 90) {
    world_.tally.count("fault: webhook answered 429");
    auto busy = status(429);
    busy.headers.emplace_back("retry-after", std::to_string(1 + world_.chance.below(60)));
    return busy;
  }
  if (dice < 91) {
    world_.tally.count("fault: webhook answered 410");
    return status(410);
  }
  take_in(call.url, id, call.body);
  if (dice < 120) {
    world_.tally.count("fault: webhook's answer lost");
    return fail(delivery::HttpError{delivery::HttpFault::kTimeout, "simulated", true});
  }
  return status(204);
}

void Receivers::take_in(const std::string& url, const std::string& id, const std::string& body) {
  world_.tally.count("webhooks received");
  const auto [known, fresh_body] = id_of_body_.try_emplace(url + "\n" + body, id);
  require(known->second == id, Invariant::kDrains, "an event came as webhook {} and as {}", known->second, id);
  if (!received_.insert(id).second) {
    world_.tally.count("webhooks received once more, same id");
    return;
  }
  require(fresh_body, Invariant::kDrains, "webhook {} came with another's body", id);
  const auto parsed = parse_json(body);
  CS_CHECK(parsed.has_value());
  const auto& event = parsed->as_object();
  if (json_text(event, "type") != "transaction.verified") return;
  const auto transaction = TransactionId::parse(*json_text(event.at("data").as_object(), "id"));
  CS_CHECK(transaction.has_value());
  verified.push_back(*transaction);
  if (verified.size() > 200) verified.pop_front();
}

}  // namespace countersign::simulation
