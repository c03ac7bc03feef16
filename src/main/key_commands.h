#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>

#include "base/random.h"
#include "base/time.h"
#include "main/config.h"

namespace countersign::app {

/// `countersign keys …`. A key goes through three states, one command each: known (add), current (promote), gone
/// (retire).
struct KeysCommand {
  enum class Action { kList, kStatus, kAdd, kPromote, kRetire } action = Action::kList;
  bool signing = false;               ///< add, promote: the key of receipts, not one that seals.
  std::optional<std::uint32_t> id{};  ///< promote, retire
  bool dry_run = false;               ///< add, promote, retire: says what would be done.
  bool no_database = false;           ///< promote, retire: do not ask it whether it is safe.
};

/// Does it to the secrets file of `sources`. Refuses what would make a running server fail: a current key that a node
/// does not know, or that verifiers may not have seen; taking away a key that something is sealed under. No output has
/// a key in it. Answers the exit status; an error is one line on `err`.
[[nodiscard]] int run_keys_command(const ConfigSources& sources, const KeysCommand& command, Clock& clock,
                                   Random& random, std::ostream& out, std::ostream& err);

}  // namespace countersign::app
