#include "main/commands/spending.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "main/commands/admin.h"
#include "main/commands/exit_status.h"

namespace countersign::main {

namespace {

void print_spending(const json::object& answer, std::ostream& out) {
  if (const auto all = json_text(answer, "stopped_at")) out << fmt::format("all spending is stopped since {}\n", *all);
  const auto* accounts = answer.if_contains("accounts");
  if (accounts == nullptr || !accounts->is_array()) return;
  for (const auto& value : accounts->get_array()) {
    if (!value.is_object()) continue;
    const auto at = json_text(value.get_object(), "stopped_at");
    out << fmt::format("{:<20} {}\n", json_text_or_empty(value.get_object(), "name"),
                       at ? fmt::format("stopped since {}", *at) : std::string("not stopped by itself"));
  }
}

}  // namespace

int run_spending_command(const Config& config, const SpendingCommand& command, Clock& clock, Random& random,
                         std::ostream& out, std::ostream& err) {
  using enum SpendingCommand::Action;
  json::object arguments;
  if (command.action != kShow) arguments["stopped"] = command.action == kStop;
  if (command.action != kShow && !command.account.empty()) arguments["account"] = command.account;
  const AdminCall call{command.action == kShow ? "spending.show" : "spending.switch", std::move(arguments)};
  const auto answer = administer(config, call, clock, random);
  if (!answer) {
    err << "countersign: " << answer.error() << '\n';
    return kFailed;
  }
  const std::string whose = command.account.empty() ? "all accounts" : command.account;
  if (command.action == kShow)
    print_spending(*answer, out);
  else if (command.action == kStop)
    out << "stopped all messages of " << whose << " that cost money; `countersign spending start` starts them again\n";
  else
    out << "messages of " << whose << " go out again\n";
  return kDone;
}

}  // namespace countersign::main
