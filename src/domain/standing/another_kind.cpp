#include "domain/standing/another_kind.h"

#include <algorithm>
#include <set>

#include "domain/standing/counts.h"

namespace countersign::domain::standing {

namespace {

constexpr int kKindsMax = 3;

bool names_kind(const MethodSet& methods, Kind kind) {
  const auto list = methods.list();
  return std::ranges::any_of(list, [&](Method method) { return kind_of(method) == kind; });
}

}  // namespace

Policy with_another_known_kind(Policy policy, const History& history, WallTime held_at) {
  std::set<Kind> kinds;
  for (const Binding& binding : history.bindings) {
    if (binding.kind == Kind::kRecovery || !names_kind(policy.any_of, binding.kind)) continue;
    if (counts(history, binding, held_at, held_at, terms_of(policy)).own()) kinds.insert(binding.kind);
  }
  const int wanted = std::min(policy.min_kinds + 1, kKindsMax);
  if (static_cast<int>(kinds.size()) >= wanted) policy.min_kinds = wanted;
  return policy;
}

}  // namespace countersign::domain::standing
