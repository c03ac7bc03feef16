#pragma once

#include "main/commands/admin.h"

namespace countersign::main {

/// `{stopped, account?}` → `{stopped, accounts}`: of one account by its name, or of all. In the audit log of each that
/// it is about. What is so already stays as it is.
[[nodiscard]] AdminAnswer switch_spending(const AdminContext& context, const json::object& arguments);
/// `{}` → `{stopped_at, accounts: [{name, stopped_at}]}`: null where nothing is stopped.
[[nodiscard]] AdminAnswer show_spending(const AdminContext& context, const json::object& arguments);

}  // namespace countersign::main
