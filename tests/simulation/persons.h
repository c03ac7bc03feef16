#pragma once

#include "simulation/scene.h"

namespace countersign::simulation {

/// The people whom transactions concern, and impostors: they request codes, type right, wrong, old and other people's
/// codes, singly or at once, and deny.
class Persons {
 public:
  explicit Persons(Scene& scene) : scene_(scene) {}

  void start();
  void type_code();      ///< One that has arrived, for its own purpose; sometimes several at once.
  void guess();          ///< Wrong codes, sometimes many at once.
  void replay_code();    ///< One that arrived some time ago.
  void misplace_code();  ///< One that has arrived, for another purpose.
  void deny();

 private:
  [[nodiscard]] const Received* latest(std::size_t back);

  Scene& scene_;
};

}  // namespace countersign::simulation
