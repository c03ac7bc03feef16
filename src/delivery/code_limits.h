#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "delivery/fair_queue.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

/// How much of codes is in progress at a time: in the queue to the providers, and in the client behind it.
struct CodeLimits {
  LaneLimits queue;
  HttpClientOptions http;
};
/// `at_once`: messages that a provider gets at a time, where that is not FairQueueLimits' own number. Every provider
/// beyond that number has its places in addition, so that none takes those of another; checks of codes, which do not
/// wait in the queue, have their connections beside them. [ADR 21]
[[nodiscard]] CodeLimits code_limits(const std::map<std::string, int>& at_once);

}  // namespace countersign::delivery
