#pragma once

#include <string>
#include <string_view>

#include "api/twilio/call.h"
#include "api/twilio/render.h"
#include "usecase/verify/entity.h"

namespace countersign::api::twilio {

/// The entity that the path names: service first, identity second.
[[nodiscard]] Verdict<usecase::verify::Entity> entity_in(const Twilio& twilio, store::Tx& tx, const Call& call);
[[nodiscard]] std::string entity_url(const Twilio& twilio, const Call& call, std::string_view identity);
[[nodiscard]] std::string entity_json(const Twilio& twilio, const Call& call, const usecase::verify::Entity& entity);

}  // namespace countersign::api::twilio
