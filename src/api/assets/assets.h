#pragma once

#include "http/router.h"

namespace countersign::api {

/// `/assets/{name}`: styles and scripts. A name changes with the content, so browsers may cache it forever. Compressed
/// at build time; the client's Accept-Encoding selects the coding. Also `/favicon.ico`, which browsers request on their
/// own.
void add_asset_routes(http::Router& router);

}  // namespace countersign::api
