#pragma once

#include <iosfwd>
#include <string>

#include "base/json.h"
#include "base/random.h"
#include "base/time.h"
#include "main/config/config.h"

namespace countersign::main {

struct InspectCommand {
  std::string id;     ///< `TX…`, `VE…`, `VL…` or `WD…`.
  bool json = false;  ///< The JSON document, on one line.
};

/// Prints the full record of a transaction (usecase/transaction/inspect.h), of any account. Reads only the database,
/// even while a server has it open. Returns the exit status: 1 with one line on `err`.
[[nodiscard]] int run_inspect_command(const Config& config, const InspectCommand& command, Clock& clock, Random& random,
                                      std::ostream& out, std::ostream& err);

/// The document as text: the transaction's state, its messages and webhooks, and its history, in order.
[[nodiscard]] std::string timeline_text(const json::object& document);

/// Rewrites the configured SQLite database without unused space; from then on it shrinks by itself. The server must be
/// stopped. Returns the exit status.
[[nodiscard]] int run_vacuum_command(const Config& config, std::ostream& out, std::ostream& err);

}  // namespace countersign::main
