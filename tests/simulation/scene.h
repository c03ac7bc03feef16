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
  /// Who enrols a factor, and where: of a recent hold, or somebody of the first service, for whom it counts from the
  /// next hold on.
  struct Enrolling {
    std::size_t person;
    bool at_upstream;
    ServiceId service;
  };
  Enrolling somebody_enrols() {
    const auto* held = world.chance.percent(20) ? any(domain::TransactionStatus::kHeld) : nullptr;
    const std::size_t person = held != nullptr ? held->person : somebody();
    const bool at_upstream = held != nullptr && held->at_upstream;
    // As furnish() has them.
    return {person, at_upstream, world.settings.accounts.at(world.account).services[at_upstream ? 1 : 0].id};
  }
  /// A factor of the person that counts as hers and has that key: `FactorModel::device` or `browser`. May be null.
  template <class Key>
  const FactorModel* any_with(Key FactorModel::* key, std::size_t person) {
    std::vector<const FactorModel*> own;
    for (const auto& [id, factor] : model.factors) {
      if (factor.*key && factor.person == person && factor.confirmed_as_of != 0 && factor.removed_as_of == 0)
        own.push_back(&factor);
    }
    return own.empty() ? nullptr : world.chance.pick(own);
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
