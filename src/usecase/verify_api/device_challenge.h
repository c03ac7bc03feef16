#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "usecase/verify_api/challenge.h"
#include "usecase/verify_api/device.h"

namespace countersign::usecase::verify_api {

// Challenges that a device of the mobile SDKs answers: the app shows them, the person approves or denies, and the app
// signs what it received together with that word.

/// Whether a device answers it: its content also has `device`.
[[nodiscard]] bool is_of_device(const Challenge& challenge);

/// As create_challenge(), for a device in force. kInvalidRequest without a message; kChallengeLimit for one that may
/// not be asked now (domain/push.h), with the time to wait, if waiting helps. [THR-8]
[[nodiscard]] Verdict<Challenge> create_device_challenge(const Work& work, const ServiceId& service,
                                                         const Entity& entity, const Factor& factor,
                                                         const NewChallenge& given);

/// The members of a challenge, as the API shows it, that the app signs: `Twilio-Verify-Signature-Fields`. None once it
/// is answered or expired.
[[nodiscard]] std::vector<std::string_view> signature_fields(const Challenge& challenge, WallTime now);

/// Answers it. `shown`: the challenge as the API shows it, with at least the members of signature_fields(). Right are
/// claims that equal those members, each compared as a value, with `status` approved or denied beside them and nothing
/// else. Whatever else is a wrong answer and spends one of five attempts.
[[nodiscard]] Verdict<Challenge> answer_device_challenge(const Work& work, const ServiceId& service,
                                                         const Entity& entity, const Id& id, const SignedAnswer& answer,
                                                         const json::object& shown);

/// One more notification of an open challenge.
struct Notification {
  Id id;
  std::int64_t ttl = 300;  ///< Seconds.
};
inline constexpr std::int64_t kNotificationsAgain = 3;
/// Hands it to the application's webhook again (hand_over_prompt). kNoNotifications for a platform without any;
/// kNotificationLimit after kNotificationsAgain.
[[nodiscard]] Verdict<Notification> notify_again(const Work& work, const ServiceId& service, const Entity& entity,
                                                 const Id& id, std::int64_t ttl);

}  // namespace countersign::usecase::verify_api
