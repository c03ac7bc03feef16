#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "demo/box_office.h"
#include "main/commands/cli.h"
#include "main/server/server.h"

namespace countersign::main {

/// Options of the box office as its own process (`countersign box-office`). The error is one sentence.
[[nodiscard]] Result<demo::BoxOfficeOptions, std::string> box_office_options(const BoxOfficeCommand& command,
                                                                             const Environment& environment);

/// The box office beside a development server, with its credentials; its data is in `box-office` below the server's.
/// Null if `listen` is `off`, or the address is not available: the server must run anyway.
[[nodiscard]] std::unique_ptr<demo::BoxOffice> start_development_box_office(const std::string& listen,
                                                                            const Config& config, const Server& server,
                                                                            Clock& clock, Random& random);

}  // namespace countersign::main
