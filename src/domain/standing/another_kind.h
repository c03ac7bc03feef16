#pragma once

#include "domain/policy.h"
#include "domain/standing/history.h"

namespace countersign::domain::standing {

/// The policy with one kind more than it asks for, at most three, where the person has sources of so many kinds that it
/// names and that count on their own for what is held at `held_at`; else as it is. Recovery codes are no such kind. So
/// whoever has only one kind is asked for no more than before: what is suspected of her must not shut her out. [STD-20]
[[nodiscard]] Policy with_another_known_kind(Policy policy, const History& history, WallTime held_at);

}  // namespace countersign::domain::standing
