#pragma once

#include "main/commands/admin.h"

namespace countersign::main {

/// Messages to `address`, E.164 or a mailbox, may leave again: forgets what is in the way (domain/obstacle.h), by
/// `channel` or by all, in `account` or in all live ones. Answers the `accounts` in which something was.
[[nodiscard]] AdminAnswer allow_contact(const AdminContext& context, const json::object& arguments);

}  // namespace countersign::main
