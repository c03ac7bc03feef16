#pragma once

#include <optional>
#include <string>

#include "delivery/by_locale.h"
#include "delivery/providers/twilio_account.h"

namespace countersign::delivery {

struct TwilioMessagingOptions {
  TwilioAccount account;
  std::string from;                   ///< E.164 or a sender id; or else …
  std::string messaging_service_sid;  ///< … MG…, which selects the sender itself. Exactly one of the two for SMS.
  std::string whatsapp_from;  ///< E.164 of the WhatsApp sender; empty: use the messaging service, or no WhatsApp.
  /// By locale: HX…, an approved template of the category authentication whose one variable is the code. Empty:
  /// WhatsApp messages are free text, which WhatsApp takes only while a conversation is open.
  ByLocale whatsapp_content = {};
};

/// Our own messages through Twilio's Programmable Messaging: SMS and WhatsApp.
class TwilioMessaging final : public Sender {
 public:
  static constexpr std::string_view kBaseUrl = "https://api.twilio.com";

  /// Client and clock outlive the provider; the clock outlives the client's last call.
  TwilioMessaging(HttpClient& http, const Clock& clock, TwilioMessagingOptions options);

  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "twilio_messaging"; }
  [[nodiscard]] bool supports(Channel channel) const override;
  [[nodiscard]] bool shows_display(Channel channel) const override;

 private:
  HttpClient& http_;
  const Clock& clock_;
  TwilioMessagingOptions options_;
};

/// Parses the answer to the creation of a message. Pure.
[[nodiscard]] Result<Accepted, ProviderError> read_message_created(const HttpResult& result, WallTime now);

/// The content of a delivery-status callback from Twilio.
struct TwilioReport {
  std::string provider_ref;  ///< MessageSid: the reference in `Accepted`.
  contact::DeliveryStage stage;
  std::optional<contact::DeliveryReason> reason;  ///< With kFailed.
  std::string error_code;                         ///< With kFailed: Twilio's own; empty if it gave none.
};

/// Parses the form of a status callback; nullopt if it is none. The caller must verify first that Twilio sent it
/// (X-Twilio-Signature).
[[nodiscard]] std::optional<TwilioReport> parse_status_callback(const FormPairs& form);

}  // namespace countersign::delivery
