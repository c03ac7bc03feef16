#pragma once

#include <iosfwd>
#include <string>

#include "base/json.h"
#include "base/random.h"
#include "base/time.h"
#include "main/config.h"

namespace countersign::app {

struct InspectCommand {
  std::string id;     ///< `TX…`, `VE…`, `VL…` or `WD…`.
  bool json = false;  ///< The document itself, on one line.
};

/// Prints all that is known of what happened to a transaction (usecase/inspect.h), of whichever account it is. Looks
/// into the database alone, also while a server has it open. Answers the exit status: 1 with one line on `err`.
[[nodiscard]] int run_inspect_command(const Config& config, const InspectCommand& command, Clock& clock, Random& random,
                                      std::ostream& out, std::ostream& err);

/// The document for people: where the transaction stands, its messages and webhooks, and what happened, in order.
[[nodiscard]] std::string timeline_text(const json::object& document);

/// Writes the SQLite database of the configuration anew, without what is unused, so that it shrinks by itself from then
/// on. The server must be stopped. Answers the exit status.
[[nodiscard]] int run_vacuum_command(const Config& config, std::ostream& out, std::ostream& err);

}  // namespace countersign::app
