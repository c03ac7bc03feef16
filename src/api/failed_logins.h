#pragma once

#include <functional>
#include <optional>

#include "api/api.h"
#include "base/ip.h"
#include "http/reply.h"

namespace countersign::api {

/// Answers a request without valid credentials. Guessing keys is hopeless, but not free for us: each address may try it
/// a limited number of times, over all our interfaces together. `answer` is given how long the address must wait, if
/// it has used its tries up.
void answer_failed_login(const Api& api, const IpAddress& client, http::Reply reply,
                         std::function<http::Response(std::optional<Duration> retry_after)> answer);

}  // namespace countersign::api
