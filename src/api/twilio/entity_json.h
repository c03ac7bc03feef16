#pragma once

#include <string>
#include <string_view>

#include "api/twilio/call.h"
#include "api/twilio/render.h"
#include "usecase/verify_api/entity.h"

namespace countersign::api::twilio {

/// The entity in the path: service first, identity second.
[[nodiscard]] Verdict<usecase::verify_api::Entity> entity_in(const usecase::Work& work, const Call& call);
[[nodiscard]] std::string entity_url(const Twilio& twilio, const Call& call, std::string_view identity);
[[nodiscard]] std::string entity_json(const Twilio& twilio, const Call& call,
                                      const usecase::verify_api::Entity& entity);

}  // namespace countersign::api::twilio
