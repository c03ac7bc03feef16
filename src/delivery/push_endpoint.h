#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

/// Where messages to a device go. [PUSH-6]
struct PushEndpointRules {
  AddressPolicy addresses = AddressPolicy::kPublicOnly;  ///< kAny only in development.
  PlainHttp plain_http = PlainHttp::kRefused;            ///< kAllowed only in development.
  /// Hosts of push services; one that begins with a dot stands for every host below it. Empty: any.
  std::vector<std::string> hosts = {};
};

/// `endpoint` of a PushSubscription. As read_webhook_url(), and on a host of the list, if there is one. Returns it as
/// it came, since a push service compares it with its own, or a sentence about the error.
[[nodiscard]] Result<std::string, std::string> read_push_endpoint(std::string_view text,
                                                                  const PushEndpointRules& rules);

/// Whether messages to an endpoint that read_push_endpoint() returned stay on this machine or in its network:
/// `localhost` and literal addresses that are not public. Names are not resolved.
[[nodiscard]] bool is_nearby_endpoint(std::string_view endpoint);

/// `https://push.example.net` or `https://push.example.net:8443`, as a browser writes the origin of that URL: the
/// audience of a token. Of an endpoint that read_push_endpoint() returned. [PUSH-3]
[[nodiscard]] std::string origin_of_endpoint(std::string_view endpoint);

}  // namespace countersign::delivery
