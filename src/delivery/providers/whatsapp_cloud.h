#pragma once

#include <string>

#include "delivery/by_locale.h"
#include "delivery/http_client.h"
#include "delivery/ports.h"

namespace countersign::delivery {

struct WhatsappCloudOptions {
  std::string phone_number_id;  ///< Meta's id of the sending number.
  SecretString access_token;
  std::string api_version = "v26.0";
  std::string template_name;  ///< An authentication template with a copy-code button.
  ByLocale languages;         ///< At least one: `pt-BR` → `pt_BR`, its languages as Meta writes them.
  std::string base_url;       ///< Without a final slash; empty: Meta's own.
  PlainHttp plain_http = PlainHttp::kRefused;
  std::chrono::milliseconds timeout{10'000};
};

/// Codes through the WhatsApp Cloud API of Meta (`POST /{version}/{phone number id}/messages`).
///
/// A business may begin a conversation only with a template that Meta has approved, and a template for codes shows the
/// code alone: what the code approves is not in the message, and a notice cannot be sent at all.
class WhatsappCloud final : public Sender {
 public:
  static constexpr std::string_view kBaseUrl = "https://graph.facebook.com";

  /// Client and clock outlive the provider; the clock outlives the client's last call.
  WhatsappCloud(HttpClient& http, const Clock& clock, WhatsappCloudOptions options);

  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "whatsapp_cloud"; }
  [[nodiscard]] bool supports(Channel channel) const override { return channel == Channel::kWhatsapp; }
  [[nodiscard]] bool shows_display(Channel) const override { return false; }

 private:
  HttpClient& http_;
  const Clock& clock_;
  const WhatsappCloudOptions options_;
};

/// Parses the answer to the creation of a message. Pure.
[[nodiscard]] Result<Accepted, ProviderError> read_whatsapp_answer(const HttpResult& result, WallTime now);

}  // namespace countersign::delivery
