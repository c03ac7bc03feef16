#pragma once

#include "http/own_hosts.h"
#include "http/router.h"

namespace countersign::api {

/// `/docs`: the API call by call, made from docs/openapi.yaml. Development mode alone. 421 where the request's Host is
/// none of `hosts`.
void add_guide_route(http::Router& router, const http::OwnHosts& hosts);

}  // namespace countersign::api
