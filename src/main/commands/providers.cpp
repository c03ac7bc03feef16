#include "main/commands/providers.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "main/commands/admin.h"
#include "main/commands/exit_status.h"

namespace countersign::main {

namespace {

void print_list(const json::object& answer, std::ostream& out) {
  const auto* providers = answer.if_contains("providers");
  if (providers == nullptr || !providers->is_array()) return;
  for (const auto& value : providers->get_array()) {
    if (!value.is_object()) continue;
    const auto& one = value.get_object();
    const auto drained = json_text(one, "drained_at");
    out << fmt::format("{:<20} {:<17} circuit {:<8} {}\n", json_text_or_empty(one, "name"),
                       json_text_or_empty(one, "kind"), json_text_or_empty(one, "circuit"),
                       drained ? fmt::format("drained since {}", *drained) : std::string("in use"));
    const auto* silent = one.if_contains("silent_in");
    if (silent == nullptr || !silent->is_array()) continue;
    for (const auto& country : silent->get_array()) {
      if (country.is_string())
        out << fmt::format("{:<20} passed over: nobody gets its messages to {}\n", "", country.get_string().c_str());
    }
  }
}

void print_change(const json::object& answer, const ProvidersCommand& command, std::ostream& out, std::ostream& err) {
  const bool drained = command.action == ProvidersCommand::Action::kDrain;
  out << (drained ? "drained " : "in use ") << command.name << '\n';
  const auto* places = answer.if_contains("without_another");
  if (places == nullptr || !places->is_array()) return;
  for (const auto& place : places->get_array()) {
    if (place.is_string())
      err << "Messages of " << place.get_string().c_str()
          << " go on all the same: no other of its providers is in use.\n";
  }
}

}  // namespace

int run_providers_command(const Config& config, const ProvidersCommand& command, Clock& clock, Random& random,
                          std::ostream& out, std::ostream& err) {
  using enum ProvidersCommand::Action;
  const auto answer =
      command.action == kList
          ? administer(config, {"provider.list", {}}, clock, random)
          : administer(config, {"provider.drain", {{"name", command.name}, {"drained", command.action == kDrain}}},
                       clock, random);
  if (!answer) {
    err << "countersign: " << answer.error() << '\n';
    return kFailed;
  }
  if (command.action == kList)
    print_list(*answer, out);
  else
    print_change(*answer, command, out, err);
  return kDone;
}

}  // namespace countersign::main
