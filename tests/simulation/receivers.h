#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "crypto/webhook_signature.h"
#include "delivery/http_client.h"
#include "simulation/world.h"
#include "usecase/endpoints.h"

namespace countersign::simulation {

/// The application's webhook endpoints: they verify what comes, process each id once, and now and then are ill.
class Receivers {
 public:
  explicit Receivers(World& world) : world_(world) {}

  void add(const usecase::NewEndpoint& made);
  delivery::HttpResult post(const delivery::HttpCall& call);

  /// Verified transactions that the application has been told of and not yet claimed.
  std::deque<TransactionId> verified;
  [[nodiscard]] bool received(const DeliveryId& id) const { return received_.contains(id.text()); }

 private:
  void take_in(const std::string& url, const std::string& id, const std::string& body);

  World& world_;
  std::map<std::string, std::string, std::less<>> secrets_;  ///< By URL.
  std::set<std::string, std::less<>> received_;
  std::map<std::string, std::string> id_of_body_;  ///< By URL and body: an event has one id, however often it is sent.
};

}  // namespace countersign::simulation
