#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
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

/// Of one body; what comes after is ignored. Meta puts a handful into one.
inline constexpr std::size_t kWhatsappReportsMax = 1000;

/// The statuses in the body of a webhook that are about messages of ours, in its order. Everything else in it is
/// ignored, whatever its form: messages that people write, errors of the account, statuses of messages that others sent
/// from the same number. The caller must verify first that Meta sent it (X-Hub-Signature-256).
[[nodiscard]] std::vector<WhatsappReport> read_whatsapp_reports(std::string_view body);

}  // namespace countersign::delivery
