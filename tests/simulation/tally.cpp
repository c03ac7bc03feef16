#include "simulation/tally.h"

#include <fmt/format.h>

#include <array>

namespace countersign::simulation {

namespace {

constexpr std::array<std::string_view, 78> kEverywhere{
    "holds",
    "holds refused",
    "holds sent twice",
    "holds answered again",
    "codes sent",
    "codes sent again",
    "starts refused",
    "messages delivered",
    "messages delivered once more",
    "messages taken over or tried again",
    "delivery reports: delivered",
    "delivery reports: failed",
    "right codes sent at once",
    "guesses in a burst",
    "codes replayed",
    "codes of one transaction used for another",
    "codes refused: over or used",
    "checks refused: locked",
    "checks refused: no attempts left",
    "verifications exhausted",
    "checks passed on to a provider",
    "approved by a provider",
    "verifications ended by a newer one to the same number",
    "verifications ended at their provider",
    "enrolments",
    "approvals that a loss has voided",
    "enrolments refused on a page",
    "confirmations",
    "confirmations refused",
    "factors removed",
    "authenticator codes accepted",
    "authenticator codes sent at once",
    "time steps refused: spent",
    "authenticators of somebody else used",
    "recovery codes accepted",
    "recovery codes sent at once",
    "recovery codes refused: used",
    "recovery codes of somebody else used",
    "passkeys confirmed",
    "passkeys not confirmed",
    "passkeys removed",
    "passkeys' answers accepted",
    "passkeys' answers refused: not asked, or answered",
    "passkeys' answers refused: touched alone",
    "passkeys' answers used for another transaction",
    "passkeys' counters that went back",
    "passkeys of somebody else used",
    "challenges left unanswered",
    "devices confirmed",
    "devices not confirmed",
    "devices removed",
    "devices' answers accepted",
    "devices' answers refused: not asked, or over",
    "devices' answers refused: not its own",
    "devices' answers used for another transaction",
    "devices that were not worn down",
    "denials on devices",
    "wrong numbers on devices",
    "prompts of a stranger left unanswered",
    "prompts of a stranger refused",
    "prompts answered in the asking browser",
    "contacts added on the way",
    "proofs from known sources",
    "cancels",
    "denials",
    "transactions expired",
    "claims",
    "claims answered again",
    "claims refused: somebody was first",
    "acknowledgements",
    "acknowledgements refused: not the winner's token",
    "webhooks received",
    "webhooks received once more, same id",
    "event: transaction.released",
    "fault: crash",
    "fault: crash, committed but not answered",
    "fault: clock set back",
    "fault: clock set forward",
};

constexpr std::array<std::string_view, 16> kFaults{
    "fault: answer lost",
    "fault: unit fails, disk full",
    "fault: unit fails, disk unavailable",
    "fault: outbound call late",
    "fault: provider call lost",
    "fault: provider answer lost",
    "fault: provider busy",
    "fault: provider refuses",
    "fault: message delivered twice by the provider",
    "fault: webhook lost",
    "fault: webhook's answer lost",
    "fault: webhook answered 500",
    "fault: webhook answered 429",
    "fault: webhook answered 410",
    "fault: everything slow for minutes",
    "requests to a provider that came too late",
};

constexpr std::array<std::string_view, 5> kOnFile{
    "fault: disk full",
    "fault: sync fails",
    "fault: power lost while writing",
    "commits of several units",
    "commits that survived although they were refused",
};

constexpr std::array<std::string_view, 10> kOnNodes{
    "requests at several nodes at once",
    "nodes: units put off",
    "nodes: commits looked up",
    "fault: node ends between commit and answer",
    "fault: node ends before its commit",
    "fault: answer to a commit lost",
    "fault: commit late",
    "fault: commit lost",
    "fault: node restarted",
    "fault: clock of a node set",
};

}  // namespace

std::vector<std::string_view> Tally::missing(Where where) const {
  std::vector<std::string_view> missing;
  const auto look_for = [&](std::string_view what) {
    if (!counts_.contains(what)) missing.push_back(what);
  };
  for (const auto what : kEverywhere) {
    // Nodes end and have their clocks set in their own ways.
    if (where != Where::kNodes || !what.starts_with("fault:")) look_for(what);
  }
  for (const auto what : kFaults) look_for(what);
  if (where == Where::kFile) {
    for (const auto what : kOnFile) look_for(what);
  }
  if (where == Where::kNodes) {
    for (const auto what : kOnNodes) look_for(what);
  }
  return missing;
}

std::string Tally::table() const {
  std::string out;
  for (const auto& [what, count] : counts_) out += fmt::format("  {:<55} {:>10}\n", what, count);
  return out;
}

}  // namespace countersign::simulation
