#pragma once

#include "main/commands/admin.h"

namespace countersign::main {

// Operations on providers (admin.h).

/// Every provider with its state: `drained_at`, `frozen_at`, learned weights, and whether this server's circuit to it
/// is open, where one answers.
[[nodiscard]] AdminAnswer list_providers(const AdminContext& context, const json::object& arguments);
/// `name` gets no new message where a list has another; `drained`: false puts it to use again. Answers which channels
/// of which services have no other, and so use it all the same. An event in the log of each account that uses it.
[[nodiscard]] AdminAnswer drain_provider(const AdminContext& context, const json::object& arguments);

/// The learned weights of `name` stay as they are; `frozen`: false lets them be learned again. An event in the log of
/// each account that uses it.
[[nodiscard]] AdminAnswer freeze_provider(const AdminContext& context, const json::object& arguments);

}  // namespace countersign::main
