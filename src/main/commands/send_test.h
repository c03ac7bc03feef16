#pragma once

#include <iosfwd>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "main/config/config.h"

namespace countersign::main {

struct SendTestCommand {
  std::string provider;      ///< Its name in the configuration.
  std::string to;            ///< E.164, or an e-mail address.
  std::string channel = {};  ///< Empty: `email` for a mailbox, else `sms`.
  std::string locale = "en";
};

/// Sends one message by that provider, worded as a code's is, with a code that approves nothing, and prints what the
/// provider answered. It is a real message, which costs what it costs, and no limit counts it. Neither the database nor
/// a running server is touched. A verification at a provider that makes its own codes is ended again.
///
/// Returns the exit status: 1 with one line on `err` where the provider did not take it.
[[nodiscard]] int run_send_test_command(const Config& config, const SendTestCommand& command, Clock& clock,
                                        Random& random, std::ostream& out, std::ostream& err);

}  // namespace countersign::main
