#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/device_token.h"
#include "store/repository/device_material.h"
#include "usecase/verify_api/entity.h"

namespace countersign::usecase::verify_api {

// Devices of Twilio's mobile SDKs: factors of type `push` whose P-256 key answers challenges. What the SDKs send and
// expect is in docs/push.md; why such an answer is never enough alone, in docs/adr/0050-the-push-of-the-mobile-sdks.md.

/// What is stored of such a device; nullopt for another factor, or a removed one.
[[nodiscard]] std::optional<store::DeviceMaterial> device_of(const store::Vault& vault, const store::FactorRow& row);
/// Writes it back: what the device was asked has changed.
void save_device(const Work& work, const FactorId& id, const store::DeviceMaterial& device);

/// `config.credential_sid`: the name of the device's key, which the SDKs send as `kid`. It follows from the factor's
/// id.
[[nodiscard]] std::string credential_of(const FactorId& factor);
/// `config`: what the device said of itself, and the name of its key.
[[nodiscard]] json::object device_config(const Factor& factor);

struct DeviceRegistration {
  std::string friendly_name;
  std::string point;    ///< Of its public key, 65 bytes.
  json::object config;  ///< app_id, notification_platform, notification_token, sdk_version.
  json::object metadata;
};
struct CreatedDevice {
  Entity entity;
  Factor factor;
};
/// Registers a device, unverified, and its entity if there is none. A key is one device in an account: kFactorExists.
[[nodiscard]] Verdict<CreatedDevice> create_device(const Work& work, const ServiceId& service,
                                                   const std::string& identity, const DeviceRegistration& given);

/// What a device signed, judged by a key that was read before; never on the thread that all requests share.
struct SignedAnswer {
  std::string point;  ///< Of the key by which it was judged; empty: there was none.
  bool holds = false;
  json::object claims{};    ///< Of a challenge's answer, as the next two.
  std::string text{};       ///< What was signed: header and payload of the token.
  std::string signature{};  ///< 64 bytes.
};
/// `payload`: Base64 of the DER signature over the factor's SID, as the SDKs send it to verify a factor. Pure.
[[nodiscard]] SignedAnswer judge_first_signature(std::string_view point, const FactorId& factor,
                                                 std::string_view payload);
/// `payload`: a JWT signed by the device. Pure.
[[nodiscard]] SignedAnswer judge_device_answer(std::string_view point, std::string_view payload);

/// Verifies an unverified device: the signature was made with the registered key. Binds it at its service as given by
/// the application, so it waits as every later source does. [STD-2, STD-3] A wrong one is counted. kFactorVerification;
/// kFactorAttempts.
[[nodiscard]] Verdict<Done> verify_device(const Work& work, const Entity& entity, const Factor& factor,
                                          const SignedAnswer& answer);

/// The point of the key by which an answer to that factor, or to that challenge of the entity, is judged. On a
/// snapshot.
[[nodiscard]] std::optional<std::string> look_for_point(const Work& work, const ServiceId& service,
                                                        std::string_view identity, const FactorId& factor);
[[nodiscard]] std::optional<std::string> look_for_point(const Work& work, const ServiceId& service,
                                                        std::string_view identity, const Id& challenge);

// Requests of the SDKs: HTTP Basic with the user `token`, and a JWT of the device's key as the password.

/// A request's token, read, and with claims that hold now; its signature is not judged yet.
struct DeviceClaim {
  AccountId account;
  FactorId factor;
  crypto::DeviceToken token;
};
/// The media type `twilio-pba;v=1`, `kid` a device's credential, `sub` an account, `nbf` and `exp` at most ten minutes
/// apart and around now, with a minute's leeway either side. nullopt for anything else.
[[nodiscard]] std::optional<DeviceClaim> read_device_claim(std::string_view password, WallTime now);

/// A device that may sign in.
struct KnownDevice {
  FactorId factor;
  SubjectId subject;
  ServiceId service;
  std::string point;
};
/// nullopt unless that entity has it at that service, and it was not removed.
[[nodiscard]] std::optional<KnownDevice> look_for_device(const Work& work, const ServiceId& service,
                                                         std::string_view identity, const FactorId& factor);
/// Takes as long for a device that is not known. Pure.
[[nodiscard]] bool is_signed_in(const DeviceClaim& claim, const std::optional<KnownDevice>& device);
/// Whether it is still there, with the same key.
[[nodiscard]] bool is_still_known(const Work& work, const KnownDevice& device);

}  // namespace countersign::usecase::verify_api
