#include "main/commands/risk.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fstream>
#include <iterator>
#include <ostream>

#include "main/commands/admin.h"
#include "main/commands/exit_status.h"
#include "main/config/units.h"

namespace countersign::main {

namespace {

std::int64_t number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  return value->is_uint64() ? static_cast<std::int64_t>(value->get_uint64()) : 0;
}

void print_totals(std::string_view what, const json::object& totals, std::ostream& out) {
  out << fmt::format("{:<32} {:>9} {:>9} {:>12}", what, number_of(totals, "decisions"), number_of(totals, "people"),
                     number_of(totals, "established"));
  if (const auto* money = totals.if_contains("money"); money != nullptr && money->is_object()) {
    for (const auto& sum : money->get_object()) {
      const std::string_view currency = sum.key();
      out << fmt::format("  {:.2f} {}", sum.value().to_number<double>(), currency.empty() ? "?" : currency);
    }
  }
  out << '\n';
}

void print_member(std::string_view what, const json::object& answer, std::string_view name, std::ostream& out) {
  if (const auto* totals = answer.if_contains(name); totals != nullptr && totals->is_object())
    print_totals(what, totals->get_object(), out);
}

void print_replay(const json::object& answer, std::ostream& out) {
  out << fmt::format("{:<32} {:>9} {:>9} {:>12}  {}\n", "", "decisions", "people", "established", "money");
  print_member("recorded", answer, "all", out);
  print_member("would be stopped", answer, "stopped", out);
  print_member("would be asked for another kind", answer, "asked", out);
  print_member("stopped then, and not by these", answer, "missed", out);
  const auto* rules = answer.if_contains("rules");
  if (rules == nullptr || !rules->is_object()) return;
  for (const auto& rule : rules->get_object()) {
    if (rule.value().is_object())
      print_totals(fmt::format("  {} matches", std::string_view(rule.key())), rule.value().get_object(), out);
  }
}

void print_reviews(const json::object& answer, std::ostream& out) {
  const auto* reviews = answer.if_contains("reviews");
  if (reviews == nullptr || !reviews->is_array()) return;
  for (const auto& value : reviews->get_array()) {
    if (!value.is_object()) continue;
    const auto& one = value.get_object();
    out << fmt::format("{} {:<10} until {}  {}: {}\n", json_text_or_empty(one, "transaction"),
                       json_text_or_empty(one, "status"), json_text_or_empty(one, "until"),
                       json_text_or_empty(one, "type"), json_text_or_empty(one, "rules"));
  }
}

Result<AdminCall, std::string> call_for(const RiskCommand& command, Clock& clock) {
  using enum RiskCommand::Action;
  AdminCall call{"risk.reviews", {}};
  if (!command.account.empty()) call.arguments["account"] = command.account;
  if (command.action == kAllow || command.action == kRefuse) {
    call.operation = "risk.decide";
    call.arguments["transaction"] = command.transaction;
    call.arguments["word"] = command.action == kAllow ? "allow" : "refuse";
    call.arguments["as"] = command.as;
  }
  if (command.action != kReplay) return call;
  call.operation = "risk.replay";
  const auto since = parse_duration(command.since);
  if (!since) return fail(fmt::format("--since must be a time such as 14d, but is {}", command.since));
  call.arguments["since"] = to_micros(clock.now() - *since);
  std::ifstream file(command.rules);
  if (!file) return fail(fmt::format("{} cannot be read", command.rules.string()));
  call.arguments["rules"] = std::string(std::istreambuf_iterator<char>(file), {});
  call.arguments["file"] = command.rules.string();
  return call;
}

}  // namespace

int run_risk_command(const Config& config, const RiskCommand& command, Clock& clock, Random& random, std::ostream& out,
                     std::ostream& err) {
  const auto call = call_for(command, clock);
  if (!call) {
    err << "countersign: " << call.error() << '\n';
    return kFailed;
  }
  const auto answer = administer(config, *call, clock, random);
  if (!answer) {
    err << "countersign: " << answer.error() << '\n';
    return kFailed;
  }
  if (command.action == RiskCommand::Action::kReplay) {
    print_replay(*answer, out);
  } else if (command.action == RiskCommand::Action::kReviews) {
    print_reviews(*answer, out);
  } else {
    const auto* another = answer->if_contains("needs_another");
    out << command.transaction << " is " << json_text_or_empty(*answer, "status")
        << (another != nullptr && another->is_bool() && another->get_bool() ? "; another person must allow it too" : "")
        << '\n';
  }
  return kDone;
}

}  // namespace countersign::main
