#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "delivery/ports.h"
#include "simulation/model.h"
#include "simulation/world.h"
#include "usecase/queued_message.h"
#include "usecase/verification/check.h"

namespace countersign::simulation {

/// A code that has arrived at a person's phone or mailbox.
struct Received {
  TransactionId transaction;
  VerificationId verification;
  std::string code;
};

/// Providers that deliver codes, or make and check them; sometimes they do not receive the request, do not answer or
/// refuse. The one that makes codes keeps one pending per address, and sends it again for the next request.
class Providers {
 public:
  explicit Providers(World& world) : world_(world) {}

  Result<delivery::Accepted, delivery::ProviderError> take(const usecase::QueuedMessage& message);
  Result<delivery::VerifierVerdict, delivery::ProviderError> check(const usecase::AskProvider& asked);
  /// Ends what is pending there.
  Result<Done, delivery::ProviderError> end(const std::string& provider_ref);
  /// The server has written down which of the provider's it is.
  void known_as(const VerificationId& verification, const std::string& provider_ref) {
    known_as_[verification] = provider_ref;
  }
  /// What ended here is over there too. Throws Violation.
  void check_ended(const Model& model) const;
  /// The code proved what was asked about. Throws Violation if it was also sent for anything else.
  void require_own(const usecase::AskProvider& asked) const;

  /// How many messages to telephones it was asked for.
  [[nodiscard]] std::int64_t asked() const { return asked_; }
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
  /// The fault of this call, if any; `arrives` is set to whether the provider received it.
  std::optional<delivery::ProviderError> disturbance(bool& arrives);
  /// Makes requests like our provider of Twilio Verify (delivery/providers/twilio_verify.h).
  Result<delivery::Accepted, delivery::ProviderError> begin(const usecase::QueuedMessage& message,
                                                            const delivery::VerificationStart& start);
  /// The request itself: sends what is pending for the address again, or a new one.
  std::string send(const usecase::QueuedMessage& message, const std::string& to);
  void end_pending(const std::string& to);
  void arrive(const Received& received);

  World& world_;
  std::int64_t asked_ = 0;
  std::deque<Received> received_;
  std::set<MessageId> accepted_;
  std::map<std::string, Upstream> upstream_;    ///< By provider_ref.
  std::map<std::string, std::string> pending_;  ///< provider_ref by address.
  std::map<VerificationId, int> judged_;
  std::map<VerificationId, std::string> known_as_;
};

}  // namespace countersign::simulation
