#pragma once

#include "main/commands/admin.h"

namespace countersign::main {

// Operations of admin.h on API keys and auth tokens. Each change is in the account's audit log. [LOG-5]

/// `{account, name, expires_in_seconds?, may_vouch?, may_administer?}` → `{id, key}`; no other answer has the key. Only
/// for accounts with a configured service.
[[nodiscard]] AdminAnswer create_api_key(const AdminContext& context, const json::object& arguments);

/// `{account?}` → `{keys: [{id, account, name, state, may_vouch, may_administer, created_at, expires_at?, revoked_at?,
/// last_used_at?}]}`, oldest first; `state` is `valid`, `expired` or `revoked`, times are RFC 3339.
[[nodiscard]] AdminAnswer list_api_keys(const AdminContext& context, const json::object& arguments);

/// `{id}` → `{id}`. An error if it is revoked already.
[[nodiscard]] AdminAnswer revoke_api_key(const AdminContext& context, const json::object& arguments);

/// `{account, change}` → `{account_sid, primary, secondary?, test}`; `change` is `none`, `add_secondary`, `promote` or
/// `drop_secondary`. The first call makes the first token.
[[nodiscard]] AdminAnswer change_auth_token(const AdminContext& context, const json::object& arguments);

}  // namespace countersign::main
