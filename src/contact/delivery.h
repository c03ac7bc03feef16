#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace countersign::contact {

/// How far a message has come, as its provider says. In the order of what is known: a later one outweighs an earlier
/// one, whatever the order in which they are reported (domain/delivery.h).
enum class DeliveryStage : std::uint8_t {
  kAccepted,   ///< The provider has it: accepted, queued, scheduled.
  kSent,       ///< Handed over to the carrier or the next server.
  kFailed,     ///< Given up. A provider that reports the arrival afterwards is believed.
  kDelivered,  ///< It arrived.
  kRead,       ///< The person opened it.
};
/// `accepted`, `sent`, `failed`, `delivered`, `read`: the names in the API, the store and the metrics.
[[nodiscard]] std::string_view to_text(DeliveryStage stage);
[[nodiscard]] std::optional<DeliveryStage> parse_delivery_stage(std::string_view text);

/// Why a message was not delivered, in our words: every provider's own codes are converted to one of these. The most
/// telling first: of two reasons for the same message, the first in this order is kept.
enum class DeliveryReason : std::uint8_t {
  kOptedOut,            ///< Its holder wants no messages of this sender.
  kLandline,            ///< It gets no text messages, as far as the carrier can tell.
  kInvalidAddress,      ///< No such number or address.
  kUnsupportedAddress,  ///< It exists, but the channel cannot reach it: a country, no WhatsApp.
  kBlocked,             ///< Filtered, or forbidden for the destination.
  kMisconfigured,       ///< The operator must repair it: sender, registration, balance.
  kExpired,             ///< Not delivered while the code was valid.
  kUnavailable,         ///< Carrier or handset could not be reached.
  kRejected,            ///< Refused for another reason.
  kUnknown,             ///< None was given, or none that we know.
};
/// `opted_out`, `landline`, `invalid_address`, …
[[nodiscard]] std::string_view to_text(DeliveryReason reason);
[[nodiscard]] std::optional<DeliveryReason> parse_delivery_reason(std::string_view text);

/// Whether the delivery reports of a provider can be relied on.
enum class Reports : std::uint8_t {
  kNone,      ///< There are none.
  kUnusable,  ///< Some come, but that none comes says nothing.
  kUsable,    ///< What arrives is reported, soon: where nothing is reported, nothing has arrived.
};

}  // namespace countersign::contact
