#pragma once

#include "delivery/gateway/options.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// Any gateway that accepts messages over HTTP, described by the configuration. [docs/sms-gateways.md]
class HttpGateway final : public Sender {
 public:
  /// Client and clock outlive the provider; the clock outlives the client's last call.
  HttpGateway(HttpClient& http, const Clock& clock, GatewayOptions options);

  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "http_gateway"; }
  [[nodiscard]] bool supports(Channel channel) const override;

 private:
  HttpClient& http_;
  const Clock& clock_;
  std::shared_ptr<const GatewayOptions> options_;  ///< Answers may outlive the provider.
};

/// The request for a message. Pure. The error is a header that could not be sent.
[[nodiscard]] Result<HttpCall, ProviderError> gateway_call(const GatewayOptions& options,
                                                           const OutgoingMessage& message, WallTime now);

/// What the gateway answered. Pure. Rules come first, then the status, then `success`.
[[nodiscard]] Result<Accepted, ProviderError> read_gateway_answer(const GatewayOptions& options,
                                                                  const HttpResult& result, const MessageId& id,
                                                                  WallTime now);

}  // namespace countersign::delivery
