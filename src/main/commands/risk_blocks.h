#pragma once

#include <iosfwd>
#include <string>

#include "main/commands/admin.h"

namespace countersign::main {

struct RiskBlocksCommand {
  std::string lift;     ///< The id of a place to open; empty: list them.
  std::string account;  ///< Its name; empty: all.
};
/// Answers the exit status.
[[nodiscard]] int run_risk_blocks_command(const Config& config, const RiskBlocksCommand& command, Clock& clock,
                                          Random& random, std::ostream& out, std::ostream& err);

/// `blocks`: places that are closed to people unknown there, of `account` or of all live ones.
[[nodiscard]] AdminAnswer list_risk_blocks(const AdminContext& context, const json::object& arguments);
/// Opens the place `block`, whichever account has it.
[[nodiscard]] AdminAnswer lift_risk_block(const AdminContext& context, const json::object& arguments);

}  // namespace countersign::main
