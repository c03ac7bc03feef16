#include "domain/erasure.h"

namespace countersign::domain {

namespace {

bool is_due(const Erasure& erasure, WallTime now) { return erasure.acts_at && *erasure.acts_at <= now; }

}  // namespace

std::optional<Erasure> erasure_asked(const std::optional<Erasure>& before, WallTime now) {
  if (before && before->acts_at) return std::nullopt;
  Erasure asked;
  asked.asked_at = now;
  asked.acts_at = now + kErasureWait;
  if (before) asked.erased_at = before->erased_at;
  return asked;
}

std::optional<Erasure> stopped(Erasure erasure, WallTime now) {
  if (!erasure.acts_at) return std::nullopt;
  erasure.acts_at.reset();
  erasure.stopped_at = now;
  return erasure;
}

std::optional<Erasure> put_off(Erasure erasure, Duration by, WallTime now) {
  if (!is_due(erasure, now)) return std::nullopt;
  erasure.acts_at = now + by;
  return erasure;
}

std::optional<Erasure> erased(Erasure erasure, WallTime now) {
  if (!is_due(erasure, now)) return std::nullopt;
  erasure.acts_at.reset();
  erasure.erased_at = now;
  return erasure;
}

}  // namespace countersign::domain
