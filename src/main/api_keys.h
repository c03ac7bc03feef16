#pragma once

#include <iosfwd>

#include "main/cli.h"

namespace countersign::app {

/// `countersign api-key create | list | revoke | auth-token`, whether or not a server uses the database (admin.h).
[[nodiscard]] int run_api_key_command(const Config& config, const ApiKeyCommand& command, Clock& clock, Random& random,
                                      std::ostream& out, std::ostream& err);

}  // namespace countersign::app
