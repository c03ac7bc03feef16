#pragma once

#include <functional>
#include <optional>

#include "api/api.h"
#include "base/ip.h"
#include "http/reply.h"

namespace countersign::api {

/// Answers a request without valid credentials and counts it for its address, over all APIs together
/// (usecase/failed_login.h). `answer` gets the time to wait if the address is over its limit.
void answer_failed_login(const Api& api, const IpAddress& client, http::Reply reply,
                         std::function<http::Response(std::optional<Duration> retry_after)> answer);

}  // namespace countersign::api
