#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "demo/box_office.h"
#include "main/cli.h"
#include "main/server.h"

namespace countersign::app {

/// The box office as a process of its own: what `countersign box-office` asks for. The error is one sentence.
[[nodiscard]] Result<demo::BoxOfficeOptions, std::string> box_office_options(const BoxOfficeCommand& command,
                                                                             const Environment& environment);

/// The box office beside a development server, with its credentials; its data is in `box-office` below the server's.
/// Nothing where `listen` is `off`, or cannot be had: the server is the main thing.
[[nodiscard]] std::unique_ptr<demo::BoxOffice> start_development_box_office(const std::string& listen,
                                                                            const Config& config, const Server& server,
                                                                            Clock& clock, Random& random);

}  // namespace countersign::app
