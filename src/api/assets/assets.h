#pragma once

#include "http/router.h"

namespace countersign::api {

/// `/assets/{name}`: styles and scripts under names that change with their content, so that browsers keep them for
/// good. Compressed when the program was built; the client's Accept-Encoding chooses. And
/// `/favicon.ico`, which browsers ask for unasked.
void add_asset_routes(http::Router& router);

}  // namespace countersign::api
