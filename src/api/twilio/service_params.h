#pragma once

#include "api/twilio/params.h"

namespace countersign::api::twilio {

/// What a create or an update of a service sets, in the words of the answers. `creating`: the name is required, and
/// what can only be chosen at the start is read.
[[nodiscard]] Verdict<json::object> read_service(const http::Form& form, bool creating);

}  // namespace countersign::api::twilio
