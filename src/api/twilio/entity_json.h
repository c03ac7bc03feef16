#pragma once

#include <string>
#include <string_view>

#include "api/twilio/call.h"
#include "api/twilio/render.h"
#include "base/json.h"
#include "usecase/verify_api/challenge.h"
#include "usecase/verify_api/entity.h"

namespace countersign::api::twilio {

/// The entity in the path: service first, identity second.
[[nodiscard]] Verdict<usecase::verify_api::Entity> entity_in(const usecase::Work& work, const Call& call);
[[nodiscard]] std::string entity_url(const Twilio& twilio, const Call& call, std::string_view identity);
[[nodiscard]] std::string entity_json(const Twilio& twilio, const Call& call,
                                      const usecase::verify_api::Entity& entity);
/// Without what is shown at its creation alone.
[[nodiscard]] json::object factor_object(const Twilio& twilio, const usecase::Work& work, const Call& call,
                                         const usecase::verify_api::Entity& entity,
                                         const usecase::verify_api::Factor& factor);

/// What challenges of apps and of passkeys have in common. `entity`: null while it is nobody's.
[[nodiscard]] json::object challenge_object(const Call& call, const usecase::verify_api::Challenge& challenge,
                                            const usecase::verify_api::Entity* entity, WallTime now);

}  // namespace countersign::api::twilio
