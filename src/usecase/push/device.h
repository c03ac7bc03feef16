#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/standing/counts.h"
#include "store/repository/ceremonies.h"
#include "store/repository/factors.h"
#include "store/repository/push_material.h"
#include "store/repository/transactions.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// What is needed to send and to enrol; null if the service has no Web Push.
[[nodiscard]] const PushServerSettings* push_of(const Context& context, const AccountId& account,
                                                const ServiceId& service);

/// How a device's key stands in `factors.handle_digest`: one key is one device of an account.
[[nodiscard]] std::string device_handle_digest(const store::Vault& vault, const AccountId& account,
                                               std::string_view public_key);

/// What is stored of a browser; nullopt for a factor that is none, or not confirmed, or removed.
[[nodiscard]] std::optional<store::PushDevice> push_device_of(const store::Vault& vault,
                                                              const store::FactorRow& factor);
/// Puts it in the row; the caller stores it.
void put_device(const Work& work, store::FactorRow& factor, const store::PushDevice& device);

/// A device of the subject that may answer for a transaction, and how it counts there.
struct DeviceFor {
  store::FactorRow factor;
  store::PushDevice device;
  domain::standing::Counts counts;
};
/// Those that are active at the transaction's service, newest first; in an operation not those that may not answer it.
/// [STD-1, STD-4]
[[nodiscard]] std::vector<DeviceFor> devices_for(const Work& work, const store::TransactionRow& row,
                                                 const domain::standing::History& history);

/// By whom devices are asked, for domain::PromptHistory: the network of the end user, keyed; empty if it is unknown.
[[nodiscard]] std::string asker_of(const Work& work);

/// The subject proved something by another method than a device: those of hers that went silent, browsers and phones
/// alike, may be asked again. With `history`, those that it has; nothing is read if it has none. [THR-8]
void note_other_proof(const Work& work, const SubjectId& subject);
void note_other_proof(const Work& work, const domain::standing::History& history);

/// Whether the transaction has a proof by another method than a device.
[[nodiscard]] bool proved_otherwise(const domain::Transaction& held);

/// Whether what that device signed can be kept with the transaction: a few devices' can.
[[nodiscard]] bool has_room_for(const store::Ceremonies& ceremonies, Id source);
/// Keeps what it signed first. The caller stores it.
void keep_evidence(store::Ceremonies& ceremonies, store::DeviceProof proof);

/// Why a device may not be asked: kRateLimited.
[[nodiscard]] Problem problem_of(const domain::NotPrompted& held_back);

}  // namespace countersign::usecase
