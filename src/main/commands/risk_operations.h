#pragma once

#include "main/commands/admin.h"

namespace countersign::main {

// Operations about the fraud rules (admin.h). `account`: its name; absent: the configuration's first.

/// `transaction`, `word` (`allow` or `refuse`) and `as`, the operator's name. Answers `status` and whether another must
/// allow it too.
[[nodiscard]] AdminAnswer decide_risk_review(const AdminContext& context, const json::object& arguments);
/// What waits for a word.
[[nodiscard]] AdminAnswer list_risk_reviews(const AdminContext& context, const json::object& arguments);
/// What the rules of `rules`, a file's text named `file`, would have done since `since` (microseconds). Reads only.
[[nodiscard]] AdminAnswer replay_risk(const AdminContext& context, const json::object& arguments);

}  // namespace countersign::main
