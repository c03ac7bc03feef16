#include "main/commands/providers.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>
#include <string_view>

#include "main/commands/admin.h"
#include "main/commands/exit_status.h"

namespace countersign::main {

namespace {

void print_weights(const json::object& provider, std::ostream& out) {
  const auto* weights = provider.if_contains("weights");
  if (weights == nullptr || !weights->is_array()) return;
  for (const auto& value : weights->get_array()) {
    if (!value.is_object()) continue;
    const auto& one = value.get_object();
    const auto* share = one.if_contains("share");
    const auto thousandths = share != nullptr && share->is_int64() ? share->get_int64() : 0;
    out << fmt::format("{:<20} learned: {:.1f} % of its weight for {} to {}, service {}\n", "",
                       static_cast<double>(thousandths) / 10, json_text_or_empty(one, "channel"),
                       json_text_or_empty(one, "country"), json_text_or_empty(one, "service"));
  }
}

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
    if (const auto frozen = json_text(one, "frozen_at"))
      out << fmt::format("{:<20} weights frozen since {}\n", "", *frozen);
    const auto* silent = one.if_contains("silent_in");
    if (silent != nullptr && silent->is_array()) {
      for (const auto& country : silent->get_array()) {
        if (country.is_string())
          out << fmt::format("{:<20} passed over: its messages to {} do not arrive\n", "",
                             country.get_string().c_str());
      }
    }
    print_weights(one, out);
  }
}

std::string_view done_by(ProvidersCommand::Action action) {
  using enum ProvidersCommand::Action;
  switch (action) {
    case kDrain:
      return "drained";
    case kFreeze:
      return "frozen";
    case kUnfreeze:
      return "weights are learned again for";
    case kUndrain:
    case kList:
      break;
  }
  return "in use";
}

void print_change(const json::object& answer, const ProvidersCommand& command, std::ostream& out, std::ostream& err) {
  out << done_by(command.action) << ' ' << command.name << '\n';
  const auto* places = answer.if_contains("without_another");
  if (places == nullptr || !places->is_array()) return;
  for (const auto& place : places->get_array()) {
    if (place.is_string())
      err << "Messages of " << place.get_string().c_str()
          << " go on all the same: no other of its providers is in use.\n";
  }
}

AdminCall call_for(const ProvidersCommand& command) {
  using enum ProvidersCommand::Action;
  switch (command.action) {
    case kList:
      break;
    case kDrain:
    case kUndrain:
      return {"provider.drain", {{"name", command.name}, {"drained", command.action == kDrain}}};
    case kFreeze:
    case kUnfreeze:
      return {"provider.freeze", {{"name", command.name}, {"frozen", command.action == kFreeze}}};
  }
  return {"provider.list", {}};
}

}  // namespace

int run_providers_command(const Config& config, const ProvidersCommand& command, Clock& clock, Random& random,
                          std::ostream& out, std::ostream& err) {
  const auto answer = administer(config, call_for(command), clock, random);
  if (!answer) {
    err << "countersign: " << answer.error() << '\n';
    return kFailed;
  }
  if (command.action == ProvidersCommand::Action::kList)
    print_list(*answer, out);
  else
    print_change(*answer, command, out, err);
  return kDone;
}

}  // namespace countersign::main
