#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/repository/push_material.h"
#include "usecase/subject/enrol.h"

// A browser or home-screen app as a device that is asked by Web Push. It makes a key pair that cannot leave it, and
// signs with it. [ADR 49]
namespace countersign::usecase {

/// The answer of a browser to an enrolment is awaited this long: it asks the person for permission.
inline constexpr Duration kPushEnrolTime = std::chrono::minutes(10);
/// How far the time in a signed change of a subscription may be from ours.
inline constexpr std::chrono::seconds kSignedAtTolerance{300};
inline constexpr std::int64_t kRenewalsInAnHour = 20;

struct PushEnrolRequest {
  std::string identity;
  std::string name;   ///< The device's name, chosen by the person; up to 64 characters.
  ServiceId service;  ///< [STD-12]
};

struct PushEnrolment {
  FactorId id;
  std::string server_key;  ///< For PushManager.subscribe(), in base64url.
  std::string challenge;   ///< 32 bytes, to be signed.
  WallTime confirm_by;
};

/// Makes an unconfirmed factor: it proves nothing until confirm_push(). kChannelUnavailable if the service has no Web
/// Push.
[[nodiscard]] Answer<PushEnrolment> enrol_push(const Work& work, const PushEnrolRequest& request);

/// What a browser says of itself, read but not judged.
struct PushAnswer {
  std::string public_key;  ///< 65 bytes.
  std::string challenge;   ///< Of the enrolment, as it was given.
  std::string endpoint;
  std::string point;  ///< `p256dh`.
  std::string auth;
  std::string signature;  ///< Of enrolment_text(), 64 bytes.
};
/// Pure, so that nobody waits for somebody else's signature. kWrongResponse for one that the key did not make; an
/// invalid field for a key, an endpoint or a subscription that cannot be. `server`: its key is taken as the one that
/// was subscribed with. [PUSH-2, PUSH-6]
[[nodiscard]] Answer<store::PushSubscription> judge_enrolled_device(const PushServerSettings& server,
                                                                    const PushAnswer& answer);

/// Stores key and subscription, and binds the factor at its service. Any other answer than the right one spends the
/// challenge, and gets kWrongResponse. `judged`: of judge_enrolled_device().
[[nodiscard]] Answer<FactorView> confirm_push(const Work& work, std::string_view identity, const FactorId& id,
                                              const PushAnswer& answer, const Answer<store::PushSubscription>& judged,
                                              const ConfirmTerms& terms);

/// A new subscription of a device that has its key still: the browser renewed it, or it was over. `answer` has no
/// challenge; its signature is of subscription_text() with `signed_at`. kWrongResponse, and nothing changed, for
/// another key or time; kRateLimited. The one that it has already is no change. It binds nothing: who signs is the
/// device that is bound.
[[nodiscard]] Answer<FactorView> renew_subscription(const Work& work, std::string_view identity, const FactorId& id,
                                                    const PushAnswer& answer, std::int64_t signed_at);

/// The push service says that it is over: nothing is sent there any more. Nothing if it has another by now.
void end_subscription(const Work& work, const SubjectId& subject, const FactorId& id, std::string_view endpoint);

}  // namespace countersign::usecase
