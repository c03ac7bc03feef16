#pragma once

#include <functional>
#include <map>
#include <string>

#include "delivery/ports.h"

namespace countersign::usecase {

/// The configured providers, by name. Each name is in exactly one of the first two maps.
struct Providers {
  std::map<std::string, delivery::Sender*, std::less<>> senders;
  std::map<std::string, delivery::Verifier*, std::less<>> verifiers;
  /// The `senders` again with their own connections, so that notices do not use up those of codes.
  std::map<std::string, delivery::Sender*, std::less<>> notice_senders;
};

/// Final error of a message whose provider is no longer configured.
[[nodiscard]] inline delivery::ProviderError unknown_provider() {
  return {delivery::Fault::kMisconfigured, delivery::PersonNotice::kTryAnotherWay, "",
          "no provider of that name is configured", std::nullopt};
}

/// `accepted`, or the name of the error.
[[nodiscard]] inline std::string_view outcome_of(const Result<delivery::Accepted, delivery::ProviderError>& outcome) {
  return outcome ? std::string_view("accepted") : delivery::name_of(outcome.error().fault);
}

}  // namespace countersign::usecase
