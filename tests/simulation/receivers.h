#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "crypto/webhook_signature.h"
#include "delivery/http_client.h"
#include "simulation/world.h"
#include "usecase/outbox/endpoints.h"

namespace countersign::simulation {

/// The application's webhook endpoints: they verify requests, process each id once, and sometimes fail.
class Receivers {
 public:
  explicit Receivers(World& world) : world_(world) {}

  void add(const usecase::NewEndpoint& made);
  delivery::HttpResult post(const delivery::HttpCall& call);

  /// Verified transactions that the application was notified of and has not claimed.
  std::deque<TransactionId> verified;
  [[nodiscard]] bool received(const DeliveryId& id) const { return received_.contains(id.text()); }

 private:
  void take_in(const std::string& url, const std::string& id, const std::string& body);

  World& world_;
  std::map<std::string, std::string, std::less<>> secrets_;  ///< By URL.
  std::set<std::string, std::less<>> received_;
  std::map<std::string, std::string>
      id_of_body_;  ///< By URL and body: an event keeps its id, however often it is sent.
};

}  // namespace countersign::simulation
