#pragma once

#include <iosfwd>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "main/config/config.h"

namespace countersign::main {

struct RiskCommand {
  enum class Action { kReviews, kAllow, kRefuse, kReplay } action = Action::kReviews;
  std::string account;      ///< Empty: the first.
  std::string transaction;  ///< Of a word.
  std::string as;           ///< Who says it.
  std::string since = "14d";
  std::filesystem::path rules;
};
/// Answers the exit status.
[[nodiscard]] int run_risk_command(const Config& config, const RiskCommand& command, Clock& clock, Random& random,
                                   std::ostream& out, std::ostream& err);

}  // namespace countersign::main
