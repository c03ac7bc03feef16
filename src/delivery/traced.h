#pragma once

#include <string>

#include "base/trace.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// Another provider with a span for each of its calls: that of a message below the request that queued it, whoever
/// sends it and when, or by itself where nobody knows any more; other calls below the request that asks, to which what
/// follows in `done` belongs again. `name` is the provider's in the configuration; the inner one and the recorder
/// outlive this.
class TracedSender final : public Sender {
 public:
  TracedSender(Sender& inner, std::string name, trace::Recorder& recorder)
      : inner_(inner), name_(std::move(name)), recorder_(recorder) {}

  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return inner_.name(); }
  [[nodiscard]] bool supports(Channel channel) const override { return inner_.supports(channel); }

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
