#pragma once

#include <optional>

#include "base/ip.h"
#include "domain/limits.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Counts a request without valid credentials, for any account. Keys cannot be guessed, but attempts cost us work: each
/// address (IPv6: /64) is limited to `rate`. Nothing if the request was counted or no limit is set; else how long the
/// address must wait.
[[nodiscard]] std::optional<Duration> count_failed_login(store::Tx& tx, const Context& context, const IpAddress& client,
                                                         const domain::Rate& rate, WallTime now);

}  // namespace countersign::usecase
