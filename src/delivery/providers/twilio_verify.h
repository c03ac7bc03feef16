#pragma once

#include <string>

#include "delivery/providers/twilio_account.h"

namespace countersign::delivery {

struct TwilioVerifyOptions {
  TwilioAccount account;
  std::string service_sid;  ///< VA…
  std::vector<Channel> channels = {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kEmail};
  bool psd2 = false;           ///< The service has PSD2 enabled: send amount and payee, make no voice calls.
  bool friendly_name = false;  ///< The account may use CustomFriendlyName (Twilio allows it on request).
};

/// Twilio Verify v2, or any server with that API: it makes, sends and checks the codes. Each service keeps one pending
/// verification per number (with PSD2: per number, amount and payee), and a second request for it sends the same code
/// again. The number of its messages shows whether a request created a new verification.
class TwilioVerify final : public Verifier {
 public:
  static constexpr std::string_view kBaseUrl = "https://verify.twilio.com";

  /// Client and clock outlive the provider; the clock outlives the client's last call.
  TwilioVerify(HttpClient& http, const Clock& clock, TwilioVerifyOptions options);

  void start(VerificationStart start, ProviderDone<Accepted> done) override;
  void check(VerificationCheck check, ProviderDone<VerifierVerdict> done) override;
  void cancel(std::string provider_ref, ProviderDone<Done> done) override;
  [[nodiscard]] std::string_view name() const override { return "twilio_verify"; }
  [[nodiscard]] bool supports(Channel channel) const override;

 private:
  HttpClient& http_;
  const Clock& clock_;
  TwilioVerifyOptions options_;
};

// Parsers of the answers to the three calls. Pure.

struct VerificationCreated {
  std::string sid;
  std::size_t sends = 0;  ///< Messages so far, including this one. 1: created by this request.
};
[[nodiscard]] Result<VerificationCreated, ProviderError> read_verification_created(const HttpResult& result,
                                                                                   WallTime now);
/// Approves nothing if the answer is about another verification; nor, with PSD2, if it lacks the requested amount and
/// payee.
[[nodiscard]] Result<VerifierVerdict, ProviderError> read_verification_checked(const HttpResult& result,
                                                                               const VerificationCheck& asked,
                                                                               bool psd2, WallTime now);
[[nodiscard]] Result<Done, ProviderError> read_verification_canceled(const HttpResult& result, WallTime now);

}  // namespace countersign::delivery
