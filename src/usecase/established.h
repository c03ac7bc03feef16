#pragma once

#include <vector>

#include "store/repository/factors.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"

namespace countersign::usecase {

// Whether what proves was there before the transaction was. The rule is domain::is_established; here its arguments are
// looked up, for the check that decides and for the page that explains.

[[nodiscard]] bool is_established(const domain::Transaction& held, const store::ContactRow& contact);

/// `all`: every factor that the subject ever had.
[[nodiscard]] bool is_established(const domain::Transaction& held, const store::FactorRow& factor,
                                  const std::vector<store::FactorRow>& all);

/// At some time since the hold the subject had a confirmed factor other than this one. One that was removed while the
/// transaction waited counts: else whoever can remove it makes room for a "first" use.
[[nodiscard]] bool had_another_factor(const domain::Transaction& held, const FactorId& factor,
                                      const std::vector<store::FactorRow>& all);

}  // namespace countersign::usecase
