#pragma once

#include <functional>
#include <map>
#include <string>

#include "delivery/ports.h"

namespace countersign::usecase {

/// The providers of the configuration, by name. A name is in one of the first two maps.
struct Providers {
  std::map<std::string, delivery::Sender*, std::less<>> senders;
  std::map<std::string, delivery::Verifier*, std::less<>> verifiers;
  /// Those of `senders` once more, with connections of their own, so that notices take none from codes.
  std::map<std::string, delivery::Sender*, std::less<>> notice_senders;
};

/// What a message ends with whose provider is not configured (any more).
[[nodiscard]] inline delivery::ProviderError unknown_provider() {
  return {delivery::Fault::kMisconfigured, delivery::PersonNotice::kTryAnotherWay, "",
          "no provider of that name is configured", std::nullopt};
}

/// `accepted`, or the name of the fault.
[[nodiscard]] inline std::string_view outcome_of(const Result<delivery::Accepted, delivery::ProviderError>& outcome) {
  return outcome ? std::string_view("accepted") : delivery::name_of(outcome.error().fault);
}

}  // namespace countersign::usecase
