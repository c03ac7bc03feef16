#pragma once

#include <string>

#include "base/trace.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// Wraps a provider and records a span for each call. A message's span is a child of the request that queued it,
/// whatever thread sends it and when, or a root if that is no longer known. Other calls are children of the requesting
/// span, and `done` runs in its context. `name` is the provider's in the configuration; the inner provider and the
/// recorder outlive this.
class TracedSender final : public Sender {
 public:
  TracedSender(Sender& inner, std::string name, trace::Recorder& recorder)
      : inner_(inner), name_(std::move(name)), recorder_(recorder) {}

  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return inner_.name(); }
  [[nodiscard]] bool supports(Channel channel) const override { return inner_.supports(channel); }
  [[nodiscard]] bool shows_display(Channel channel) const override { return inner_.shows_display(channel); }
  void stop() override { inner_.stop(); }

 private:
  Sender& inner_;
  const std::string name_;
  trace::Recorder& recorder_;
};

class TracedVerifier final : public Verifier {
 public:
  TracedVerifier(Verifier& inner, std::string name, trace::Recorder& recorder)
      : inner_(inner), name_(std::move(name)), recorder_(recorder) {}

  void start(VerificationStart start, ProviderDone<Accepted> done) override;
  void check(VerificationCheck check, ProviderDone<VerifierVerdict> done) override;
  void cancel(std::string provider_ref, ProviderDone<Done> done) override;
  [[nodiscard]] std::string_view name() const override { return inner_.name(); }
  [[nodiscard]] bool supports(Channel channel) const override { return inner_.supports(channel); }

 private:
  Verifier& inner_;
  const std::string name_;
  trace::Recorder& recorder_;
};

}  // namespace countersign::delivery
