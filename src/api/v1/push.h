#pragma once

#include "api/v1/call.h"

namespace countersign::api::v1 {

// Devices that are asked by Web Push, behind routes that other methods have too. Signatures are judged on the request's
// own thread, since all requests share the thread that writes.

/// `POST …/factors` with the type `push`.
void enrol_push(const Api& api, Call call, http::Reply reply);
/// `POST …/factors/{id}/confirm` with a `subscription`.
void confirm_push(const Api& api, Call call, http::Reply reply);
/// `POST …/challenges` with the method `push`.
void prompt_push(const Api& api, Call call, http::Reply reply);
/// `POST …/checks` with the method `push`.
void check_push(const Api& api, Call call, http::Reply reply);

}  // namespace countersign::api::v1
