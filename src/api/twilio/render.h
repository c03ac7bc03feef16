#pragma once

#include <string>

#include "api/json_writer.h"
#include "base/time.h"

namespace countersign::api::twilio {

/// `2026-11-22T14:05:09Z`: whole seconds, because Python clients do not parse any other form.
[[nodiscard]] std::string date_text(WallTime time);

}  // namespace countersign::api::twilio
