#pragma once

#include "api/guide/try_it.h"
#include "api/pages/failure_page.h"
#include "http/own_hosts.h"

namespace countersign::api {

/// `/docs` and `/docs/verify-v2`: the references of both APIs, generated from their descriptions; `/docs/try`: target
/// of their forms. Only in development mode. 421 if the request's Host is not in `hosts`. `failures` outlives the
/// router.
void add_guide_routes(http::Router& router, const http::OwnHosts& hosts, const FailurePages& failures,
                      TryItParts parts);

}  // namespace countersign::api
