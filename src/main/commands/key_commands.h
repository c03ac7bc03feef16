#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>

#include "base/random.h"
#include "base/time.h"
#include "main/config/config.h"

namespace countersign::main {

/// `countersign keys …`. A key goes through three states, one command each: known (add), current (promote), gone
/// (retire).
struct KeysCommand {
  enum class Action { kList, kStatus, kAdd, kPromote, kRetire } action = Action::kList;
  bool signing = false;               ///< add, promote: the signing key of receipts instead of a sealing key.
  bool push = false;                  ///< add, retire: the key of Web Push.
  std::optional<std::uint32_t> id{};  ///< promote, retire
  bool dry_run = false;               ///< add, promote, retire: only say what would be done.
  bool no_database = false;           ///< promote, retire: do not check the database.
};

/// Changes the secrets file of `sources`. Refuses a change that would make a running server fail: a current key that a
/// node does not know, or that verifiers may not have seen; removing a key that still seals something. No output
/// contains a key. Returns the exit status; an error is one line on `err`.
[[nodiscard]] int run_keys_command(const ConfigSources& sources, const KeysCommand& command, Clock& clock,
                                   Random& random, std::ostream& out, std::ostream& err);

}  // namespace countersign::main
