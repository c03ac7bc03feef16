#pragma once

#include <iosfwd>

#include "main/commands/cli.h"

namespace countersign::main {

/// `countersign api-key create | list | revoke | auth-token`, with or without a server on the database (admin.h).
[[nodiscard]] int run_api_key_command(const Config& config, const ApiKeyCommand& command, Clock& clock, Random& random,
                                      std::ostream& out, std::ostream& err);

}  // namespace countersign::main
