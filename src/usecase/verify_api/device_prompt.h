#pragma once

#include <string_view>

#include "store/tx.h"
#include "usecase/verify_api/device_challenge.h"

namespace countersign::usecase::verify_api {

// How a phone learns that something waits: not from this server. A webhook of the native API hands the application the
// token that the phone has from Apple or Google, and the application sends its own notification.

/// Whether the device has registered for notifications; the others list what is pending.
[[nodiscard]] bool has_notifications(const Factor& factor);

inline constexpr std::string_view kPushRequested = "push.requested";
/// Queues `push.requested` for every endpoint that is subscribed to it. It holds ids alone until it is sent.
void hand_over_prompt(const Work& work, const ServiceId& service, const Entity& entity, const Challenge& challenge,
                      const Notification& notification);
/// Adds to the data of a `push.requested` what is stored sealed: identity, message, status, and of the device platform,
/// app and registration token. Null is what is not there any more, and the token of a challenge that was answered.
void complete_prompt(store::Tx& tx, const Context& context, const AccountId& account, json::object& data);

}  // namespace countersign::usecase::verify_api
