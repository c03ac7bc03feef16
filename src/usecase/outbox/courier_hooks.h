#pragma once

#include <functional>
#include <string_view>

#include "base/id.h"
#include "contact/channel.h"
#include "store/set_aside.h"
#include "usecase/outbox/conversion.h"

namespace countersign::usecase {

/// For logs and metrics. Called on background threads; must not block or throw. All optional.
struct CourierHooks {
  std::function<void(std::string_view provider, contact::Channel channel, std::string_view outcome)> on_message;
  std::function<void(const WebhookEndpointId& endpoint, std::string_view outcome)> on_delivery;
  std::function<void(std::string_view what)> on_problem;
  /// The learned share of a provider's weight for a service, channel and country has changed.
  std::function<void(const ShareChange& change)> on_share;
  /// A work row that cannot be read was set aside. Called once per row while the process runs.
  std::function<void(const store::SetAsideRow& row)> on_set_aside;
};

}  // namespace countersign::usecase
