#pragma once

#include "api/twilio/params.h"

namespace countersign::api::twilio {

/// What a create or an update of a service sets, with the members named as in answers. `creating`: requires the name,
/// and reads what only a create can set.
[[nodiscard]] Verdict<json::object> read_service(const http::Form& form, bool creating);

}  // namespace countersign::api::twilio
