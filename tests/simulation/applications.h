#pragma once

#include <map>

#include "simulation/scene.h"
#include "usecase/transaction/hold.h"

namespace countersign::simulation {

/// The applications' back ends: they hold, retry without an answer, claim with several workers, acknowledge.
class Applications {
 public:
  explicit Applications(Scene& scene) : scene_(scene) {}

  void hold();
  void cancel();
  void claim();        ///< By the worker woken by a webhook; sometimes by another one too.
  void poll();         ///< Claims a transaction that may not be verified.
  void acknowledge();  ///< By a worker that has a payload, or one that has none.
  void add_contact();
  void mend_endpoints();

 private:
  struct Hold {
    std::string key;
    std::size_t person;
    usecase::HoldRequest request;
    int tries_left;
  };
  void send(const Hold& hold);
  void claim(const TransactionId& id, const std::string& worker, int tries_left);
  void acknowledge(const TransactionId& id, const std::string& token, int tries_left);

  Scene& scene_;
  std::uint64_t holds_ = 0;
  std::uint64_t endpoints_ = 0;
  std::map<std::string, TransactionId> held_by_key_;
  struct Payload {
    TransactionId id;
    std::string token;
  };
  std::vector<Payload> payloads_;  ///< Claimed, not acknowledged yet.
};

}  // namespace countersign::simulation
