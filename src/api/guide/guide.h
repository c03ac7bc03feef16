#pragma once

#include "api/guide/try_it.h"
#include "api/pages/failure_page.h"
#include "http/own_hosts.h"

namespace countersign::api {

/// `/docs` and `/docs/verify-v2`: both APIs call by call, made from their descriptions; `/docs/try`: what their forms
/// send. Development mode alone. 421 where the request's Host is none of `hosts`. `failures` outlives the router.
void add_guide_routes(http::Router& router, const http::OwnHosts& hosts, const FailurePages& failures,
                      TryItParts parts);

}  // namespace countersign::api
