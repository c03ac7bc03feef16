#pragma once

#include "api/twilio/call.h"
#include "http/router.h"

namespace countersign::api {

/// Adds the routes below /v2: the API of Twilio Verify, version 2, on the same use cases as the native API
/// (docs/migrating-from-twilio.md). `twilio` outlives the router.
void add_twilio_routes(http::Router& router, const twilio::Twilio& twilio);

}  // namespace countersign::api
