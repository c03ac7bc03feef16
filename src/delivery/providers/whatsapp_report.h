#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "contact/delivery.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// What is sent along with a message as `biz_opaque_callback_data`, and comes back with each report: `AC…/VL…`.
[[nodiscard]] std::string write_report_tag(const AccountId& account, const MessageId& message);

/// One status of one of our messages.
struct WhatsappReport {
  AccountId account;
  MessageId message;
  std::string provider_ref;  ///< `wamid.…`: the reference in `Accepted`.
  contact::DeliveryStage stage = contact::DeliveryStage::kSent;
  std::optional<ProviderError> error;  ///< With kFailed.
};

/// What somebody wrote to one of our numbers.
struct WhatsappText {
  std::string phone_number_id;   ///< Of the number that it was written to; empty: not given.
  std::string from;              ///< WhatsApp's name of the person: digits; she may hide them, then empty.
  std::string text;              ///< Empty: longer than any word that we look for.
  std::optional<WallTime> sent;  ///< nullopt: not given.
};

/// What is ours in one body.
struct WhatsappWebhook {
  std::vector<WhatsappReport> reports;
  std::vector<WhatsappText> texts;
};

/// Of each kind in one body; what comes after is ignored. Meta puts a handful into one.
inline constexpr std::size_t kWhatsappItemsMax = 1000;

/// The statuses in the body of a webhook that are about messages of ours, and the texts that people typed, each in its
/// order. Everything else in it is ignored, whatever its form: pictures, buttons that were pressed (what such a one
/// ends is known to who sent it), errors of the account, statuses of messages that others sent from the same number.
/// The caller must verify first that Meta sent it (X-Hub-Signature-256).
[[nodiscard]] WhatsappWebhook read_whatsapp_webhook(std::string_view body);

}  // namespace countersign::delivery
