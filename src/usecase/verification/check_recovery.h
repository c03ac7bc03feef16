#pragma once

#include <vector>

#include "domain/standing/history.h"
#include "store/repository/factors.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Judges a recovery code against all these sets, writes the result, and returns the set that it was from. A right code
/// is used up in the same database transaction: of two simultaneous right answers one succeeds. [BKP-3] Its use is
/// recorded, and told to the person's contacts and to the application. A wrong code is a failure of each set that is
/// not locked. `accompanied` as in judge_totp.
[[nodiscard]] Answer<store::FactorRow> judge_recovery_code(const Work& work, std::vector<store::FactorRow> sets,
                                                           const SecretString& code,
                                                           const domain::standing::History& history, bool accompanied);

}  // namespace countersign::usecase
