#pragma once

#include <set>

#include "simulation/scene.h"

namespace countersign::simulation {

/// Authenticator apps and recovery codes: bound by the back end or (apps) on the page of a transaction, even in the
/// middle of one; used, reused, used for other people, removed.
class Authenticators {
 public:
  explicit Authenticators(Scene& scene) : scene_(scene) {}

  void enrol();   ///< Also confirms it with the first code, once answered.
  void prove();   ///< With a current code; sometimes several at once.
  void replay();  ///< Uses a code whose step is spent.
  void misuse();  ///< Uses a code of another person's app.
  void remove();
  void make_codes();   ///< A list of recovery codes, once for each person; also confirms it, once answered.
  void use_code();     ///< One of the person's, mostly unused; sometimes several times at once.
  void misuse_code();  ///< One of another person's list.

 private:
  void confirm(const FactorId& id, std::size_t person, const std::string& code, int tries_left);
  void keep(const FactorId& id, std::size_t person, int tries_left);
  const FactorModel* any_of(std::size_t person, domain::Method type = domain::Method::kTotp);

  Scene& scene_;
  std::set<std::size_t> asked_for_codes_;  ///< Persons.
};

}  // namespace countersign::simulation
