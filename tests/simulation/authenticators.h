#pragma once

#include "simulation/scene.h"

namespace countersign::simulation {

/// Authenticator apps: bound by the back end or on the page of a transaction, also in the middle of one; used, used
/// again, used for somebody else, taken away.
class Authenticators {
 public:
  explicit Authenticators(Scene& scene) : scene_(scene) {}

  void enrol();   ///< And, once answered, confirm with the first code.
  void prove();   ///< With a code of now; now and then several times at once.
  void replay();  ///< A code whose step is spent.
  void misuse();  ///< A code of somebody else's app.
  void remove();

 private:
  void confirm(const FactorId& id, std::size_t person, const std::string& code, int tries_left);
  const FactorModel* any_of(std::size_t person);

  Scene& scene_;
};

}  // namespace countersign::simulation
