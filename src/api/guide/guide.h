#pragma once

#include "http/router.h"

namespace countersign::api {

/// `/docs`: the API call by call, made from docs/openapi.yaml. Development mode alone.
void add_guide_route(http::Router& router);

}  // namespace countersign::api
