#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "simulation/courier.h"
#include "simulation/furnish.h"
#include "simulation/model.h"
#include "simulation/providers.h"
#include "simulation/receivers.h"
#include "simulation/world.h"

namespace countersign::simulation {

inline constexpr std::size_t kPersons = 40;

/// Shared by all actors: the world, its participants, and the current transactions.
struct Scene {
  World& world;
  Model& model;
  Providers& providers;
  Receivers& receivers;
  Courier& courier;
  std::deque<TransactionId> recent{};  ///< The latest held.

  /// On several nodes few at a time, so that they meet; after a while others.
  std::size_t somebody() {
    if (world.nodes() == nullptr) return world.chance.below(kPersons);
    return model.transactions.size() / 40 * 3 + world.chance.below(6);
  }
  /// On several nodes two share one.
  std::string phone_of_person(std::size_t person) { return phone_of(world.nodes() == nullptr ? person : person / 2); }
  /// Of somebody who is nobody's customer.
  std::string strange_phone() {
    if (world.nodes() == nullptr) return phone_of(kPersons + world.chance.below(kPersons));
    return phone_of(50'000 + world.chance.below(3));
  }

  void remember(const TransactionId& id) {
    recent.push_back(id);
    if (recent.size() > 40) recent.pop_front();
  }
  /// A recent transaction in that state, if a few tries find one.
  const TransactionModel* any(domain::TransactionStatus status) {
    for (int i = 0; i < 6 && !recent.empty(); ++i) {
      const auto& held = model.transactions.at(recent[world.chance.below(recent.size())]);
      if (held.status == status) return &held;
    }
    return nullptr;
  }
  /// Sends one check, `times` times at once.
  void check(const std::string& label, const usecase::CheckRequest& request, std::size_t times = 1);
};

}  // namespace countersign::simulation
