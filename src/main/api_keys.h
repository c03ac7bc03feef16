#pragma once

#include <iosfwd>

#include "main/cli.h"

namespace countersign::app {

/// `countersign api-key create | list | revoke`: works on the store directly. With the embedded store the server has to
/// be stopped meanwhile, because one process at a time may have it open.
[[nodiscard]] int run_api_key_command(const Config& config, const ApiKeyCommand& command, Clock& clock, Random& random,
                                      std::ostream& out, std::ostream& err);

}  // namespace countersign::app
