#include "store/completions.h"

#include <algorithm>
#include <utility>

namespace countersign::store {

namespace {

struct Parcel {
  Executor* home;
  std::vector<Task> tasks;
};

}  // namespace

void complete(std::vector<std::unique_ptr<Unit>>& units) {
  std::vector<Parcel> parcels;  // One per I/O thread: a handful.
  for (auto& unit : units) {
    Executor* const home = unit->home();
    if (home == nullptr) {
      unit->finish();
      continue;
    }
    auto parcel = std::ranges::find(parcels, home, &Parcel::home);
    if (parcel == parcels.end()) {
      parcels.push_back({home, {}});
      parcel = std::prev(parcels.end());
      parcel->tasks.reserve(units.size());
    }
    parcel->tasks.emplace_back([unit = std::move(unit)] { unit->finish(); });
  }
  for (auto& parcel : parcels) parcel.home->post_all(std::move(parcel.tasks));
  units.clear();
}

void refuse(std::unique_ptr<Unit> unit, StoreError error) {
  unit->fail(std::move(error));
  std::vector<std::unique_ptr<Unit>> one;
  one.push_back(std::move(unit));
  complete(one);
}

StoreError refusal(StoreError::Code code) {
  return {code, code == StoreError::Code::kShutDown ? "the store has been stopped" : "the store's queue is full"};
}

}  // namespace countersign::store
