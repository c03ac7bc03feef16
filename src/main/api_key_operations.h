#pragma once

#include "main/admin.h"

namespace countersign::app {

// What is done to API keys and auth tokens, as operations of admin.h. Each change is in the account's audit trail.
// [LOG-5]

/// `{account, name, expires_in_seconds?, may_vouch?}` → `{id, key}`; the key is in no other answer. Only for accounts
/// that the configuration gives a service.
[[nodiscard]] AdminAnswer create_api_key(const AdminHouse& house, const json::object& arguments);

/// `{account?}` → `{keys: [{id, account, name, state, may_vouch, created_at, expires_at?, revoked_at?,
/// last_used_at?}]}`, oldest first; `state` is `valid`, `expired` or `revoked`, times are RFC 3339.
[[nodiscard]] AdminAnswer list_api_keys(const AdminHouse& house, const json::object& arguments);

/// `{id}` → `{id}`. Revoking it again is an error.
[[nodiscard]] AdminAnswer revoke_api_key(const AdminHouse& house, const json::object& arguments);

/// `{account, change}` → `{account_sid, primary, secondary?, test}`; `change` is `none`, `add_secondary`, `promote` or
/// `drop_secondary`. The first token is made when it is asked for the first time.
[[nodiscard]] AdminAnswer change_auth_token(const AdminHouse& house, const json::object& arguments);

}  // namespace countersign::app
