#pragma once

#include "simulation/scene.h"

namespace countersign::simulation {

/// Authenticator apps: bound by the back end or on the page of a transaction, even in the middle of one; used, reused,
/// used for other people, removed.
class Authenticators {
 public:
  explicit Authenticators(Scene& scene) : scene_(scene) {}

  void enrol();   ///< Also confirms it with the first code, once answered.
  void prove();   ///< With a current code; sometimes several at once.
  void replay();  ///< Uses a code whose step is spent.
  void misuse();  ///< Uses a code of another person's app.
  void remove();

 private:
  void confirm(const FactorId& id, std::size_t person, const std::string& code, int tries_left);
  const FactorModel* any_of(std::size_t person);

  Scene& scene_;
};

}  // namespace countersign::simulation
