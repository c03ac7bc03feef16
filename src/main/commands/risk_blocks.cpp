#include "main/commands/risk_blocks.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "main/commands/exit_status.h"
#include "store/repository/accounts.h"
#include "usecase/risk/blocks.h"

namespace countersign::main {

namespace {

constexpr int kBlocksShown = 1'000;

/// What a use case needs, on behalf of the operator.
struct Operator {
  Operator(const AdminContext& context, const AccountId& account)
      : about{none, context.vault, context.event_ids}, by{account, "operator", "", std::nullopt} {
    by.may_administer = true;
  }

  const usecase::Settings none;
  const usecase::Context about;
  usecase::Caller by;
};

}  // namespace

AdminAnswer list_risk_blocks(const AdminContext& context, const json::object& arguments) {
  const auto only = json_text(arguments, "account");
  const auto found = context.store.read_now([&](store::Tx& tx) {
    json::array blocks;
    for (const auto& [id, name] : store::account_names(tx)) {
      if (only && *only != name) continue;
      for (const auto& row : store::list_blocks(tx, id, context.clock.now(), std::nullopt, kBlocksShown)) {
        const bool for_good = row.block.until - row.block.started_at >= risk::kPermanently;
        blocks.push_back(json::object{{"account", name},
                                      {"id", row.id.text()},
                                      {"kind", risk::to_text(row.kind)},
                                      {"key", row.key},
                                      {"rule", row.rule},
                                      {"until", for_good ? std::string("opened") : to_rfc3339(row.block.until)}});
      }
    }
    return blocks;
  });
  if (!found) return fail(found.error().detail);
  return json::object{{"blocks", *found}};
}

AdminAnswer lift_risk_block(const AdminContext& context, const json::object& arguments) {
  const auto id = BlockId::parse(json_text_or_empty(arguments, "block"));
  if (!id) return fail(std::string("that is no id of a closed place; `countersign risk blocks` lists them"));
  const auto lifted = context.store.transact_now([&](store::Tx& tx) {
    Moment moment{context.clock.now(), context.random};
    for (const auto& [account, name] : store::account_names(tx)) {
      const Operator operating(context, account);
      if (usecase::lift_block({tx, operating.about, operating.by, moment}, *id)) return true;
    }
    return false;
  });
  if (!lifted) return fail(lifted.error().detail);
  if (!*lifted) return fail(std::string("no such place is closed"));
  return json::object{{"lifted", id->text()}};
}

int run_risk_blocks_command(const Config& config, const RiskBlocksCommand& command, Clock& clock, Random& random,
                            std::ostream& out, std::ostream& err) {
  const bool lifts = !command.lift.empty();
  json::object arguments;
  if (lifts) arguments["block"] = command.lift;
  if (!command.account.empty()) arguments["account"] = command.account;
  const auto answer =
      administer(config, {lifts ? "risk_block.lift" : "risk_block.list", std::move(arguments)}, clock, random);
  if (!answer) {
    err << "countersign: " << answer.error() << '\n';
    return kFailed;
  }
  if (lifts) {
    out << "open; all nodes know within a second\n";
    return kDone;
  }
  const auto* blocks = answer->if_contains("blocks");
  if (blocks == nullptr || !blocks->is_array() || blocks->get_array().empty()) {
    out << "no place is closed\n";
    return kDone;
  }
  for (const auto& one : blocks->get_array()) {
    if (!one.is_object()) continue;
    const auto& block = one.get_object();
    out << fmt::format("{}  {}  {} {}  by {}, until {}\n", json_text_or_empty(block, "id"),
                       json_text_or_empty(block, "account"), json_text_or_empty(block, "kind"),
                       json_text_or_empty(block, "key"), json_text_or_empty(block, "rule"),
                       json_text_or_empty(block, "until"));
  }
  return kDone;
}

}  // namespace countersign::main
