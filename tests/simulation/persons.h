#pragma once

#include "simulation/scene.h"

namespace countersign::simulation {

/// Those whom the transactions concern, and those who pretend to be them: they ask for codes, type right ones, wrong
/// ones, old ones and somebody else's, one by one or all at once, and refuse.
class Persons {
 public:
  explicit Persons(Scene& scene) : scene_(scene) {}

  void start();
  void type_code();      ///< One that has arrived, for what it was sent for; now and then several times at once.
  void guess();          ///< Wrong codes, now and then many at once.
  void replay_code();    ///< One that has arrived some time ago.
  void misplace_code();  ///< One that has arrived, for something else.
  void deny();

 private:
  [[nodiscard]] const Received* latest(std::size_t back);

  Scene& scene_;
};

}  // namespace countersign::simulation
