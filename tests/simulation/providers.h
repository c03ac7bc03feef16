#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "delivery/ports.h"
#include "simulation/world.h"
#include "usecase/check.h"
#include "usecase/outgoing.h"

namespace countersign::simulation {

/// A code that has arrived at a person's phone or mailbox.
struct Received {
  TransactionId transaction;
  VerificationId verification;
  std::string code;
};

/// Those outside who deliver codes, or make and check them; now and then they do not hear, do not answer or refuse. The
/// one that makes codes keeps one pending for each address, and sends it once more to whoever asks next.
class Providers {
 public:
  explicit Providers(World& world) : world_(world) {}

  Result<delivery::Accepted, delivery::ProviderError> take(const usecase::QueuedMessage& message);
  Result<delivery::VerifierVerdict, delivery::ProviderError> check(const usecase::AskProvider& asked);
  /// A code proved what was asked about. Throws Violation where that code was sent for anything else, too.
  void require_own(const usecase::AskProvider& asked) const;

  [[nodiscard]] const std::deque<Received>& received() const { return received_; }
  [[nodiscard]] bool accepted(const MessageId& id) const { return accepted_.contains(id); }

 private:
  struct Upstream {
    std::string code;
    std::set<VerificationId> sent_for;
    int sends = 0;
    WallTime expires_at;
    bool over = false;
  };
  /// What goes wrong with this call, if anything; `arrives` says whether the provider heard of it.
  std::optional<delivery::ProviderError> disturbance(bool& arrives);
  /// As our provider of Twilio Verify makes its requests (delivery/providers/twilio_verify.h).
  Result<delivery::Accepted, delivery::ProviderError> begin(const usecase::QueuedMessage& message,
                                                            const delivery::VerificationStart& start);
  /// The request itself: what is pending for the address is sent once more, else a new one.
  std::string send(const usecase::QueuedMessage& message, const std::string& to);
  void end_pending(const std::string& to);
  void arrive(const Received& received);

  World& world_;
  std::deque<Received> received_;
  std::set<MessageId> accepted_;
  std::map<std::string, Upstream> upstream_;    ///< By provider_ref.
  std::map<std::string, std::string> pending_;  ///< provider_ref by address.
  std::map<VerificationId, int> judged_;
};

}  // namespace countersign::simulation
