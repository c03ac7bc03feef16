#include "usecase/readiness.h"

#include "store/repository/probe.h"

namespace countersign::usecase {

std::optional<std::string_view> why_not_ready(const store::StoreStats& stats) {
  if (stats.damaged) return "the database is damaged";
  if (stats.slow) return "commits take longer than 2 s";
  return std::nullopt;
}

Done write_something(store::Tx& tx, WallTime now) {
  store::write_probe(tx, now);
  return Done{};
}

}  // namespace countersign::usecase
