#pragma once

#include "api/v1/call.h"

namespace countersign::api::v1 {

// Passkeys behind routes that other methods have too. What the browser sends is judged on the request's own thread,
// between a look at the database and the write, since all requests share the thread that writes.

/// `POST …/factors` with the type `webauthn`.
void enrol_passkey(const Api& api, Call call, http::Reply reply);
/// `POST …/factors/{id}/confirm` with a `response`.
void confirm_passkey(const Api& api, Call call, http::Reply reply);
/// `POST …/checks` with a `method`.
void check_passkey(const Api& api, Call call, http::Reply reply);

}  // namespace countersign::api::v1
