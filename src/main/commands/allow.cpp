#include "main/commands/allow.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "main/commands/admin.h"
#include "main/commands/exit_status.h"

namespace countersign::main {

int run_allow_command(const Config& config, const AllowCommand& command, Clock& clock, Random& random,
                      std::ostream& out, std::ostream& err) {
  json::object arguments{{"address", command.address}};
  if (!command.channel.empty()) arguments["channel"] = command.channel;
  if (!command.account.empty()) arguments["account"] = command.account;
  const auto answer = administer(config, {"contact.allow", std::move(arguments)}, clock, random);
  if (!answer) {
    err << "countersign: " << answer.error() << '\n';
    return kFailed;
  }
  const auto* accounts = answer->if_contains("accounts");
  const bool any = accounts != nullptr && accounts->is_array() && !accounts->get_array().empty();
  if (!any) out << "nothing was in the way of messages to it\n";
  if (!any) return kDone;
  for (const auto& account : accounts->get_array()) {
    if (account.is_string()) out << "allowed in " << account.get_string().c_str() << '\n';
  }
  return kDone;
}

}  // namespace countersign::main
