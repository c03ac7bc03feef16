#include "usecase/established.h"

#include <algorithm>

namespace countersign::usecase {

bool is_established(const domain::Transaction& held, const store::ContactRow& contact) {
  return domain::is_established(held.policy, held.created_at, contact.known_since, contact.replaced_another, false,
                                false);
}

bool had_another_factor(const domain::Transaction& held, const FactorId& factor,
                        const std::vector<store::FactorRow>& all) {
  return std::ranges::any_of(all, [&](const store::FactorRow& f) {
    return f.state.id != factor && f.state.confirmed_at && (!f.removed_at || *f.removed_at >= held.created_at);
  });
}

bool is_established(const domain::Transaction& held, const store::FactorRow& factor,
                    const std::vector<store::FactorRow>& all) {
  const WallTime known_since = factor.state.confirmed_at.value_or(factor.state.created_at);
  return domain::is_established(held.policy, held.created_at, known_since, factor.added_to_another, true,
                                had_another_factor(held, factor.state.id, all));
}

}  // namespace countersign::usecase
