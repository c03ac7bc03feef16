#include <algorithm>

#include "simulation/model.h"
#include "simulation/trace.h"

// What is right about devices that are asked by Web Push: said by docs/push.md, not taken from the code.
namespace countersign::simulation {

using domain::TransactionStatus;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

constexpr int kUnanswered = 3;
constexpr int kDenialsToOne = 2;
constexpr int kDenialsToAll = 6;
constexpr std::size_t kInAnHour = 10;
constexpr int kWrongNumbers = 3;
/// Clocks are set back by as much, and differ between nodes.
constexpr auto kClocks = minutes(20);

bool proved_otherwise(const TransactionModel& held) {
  return std::ranges::any_of(held.proofs, [](const ProofModel& p) { return p.method != domain::Method::kPush; });
}

std::size_t asked_since(const PromptsModel& prompts, WallTime since) {
  return static_cast<std::size_t>(std::ranges::count_if(prompts.asked, [&](WallTime t) { return t > since; }));
}

/// No clock makes it right to ask the device.
bool must_be_silent(const PromptsModel& prompts, const std::string& asker, bool proved, WallTime at) {
  // In one hour after the other, each.
  if (asked_since(prompts, at - hours(1) + kClocks) >= 2 * kInAnHour) return true;
  if (proved) return false;
  if (prompts.unanswered >= kUnanswered || prompts.denials >= kDenialsToAll) return true;
  const auto denied = prompts.denied.find(asker);
  if (denied == prompts.denied.end()) return false;
  return std::ssize(denied->second) >= kDenialsToOne || at < denied->second.back() + hours(1);
}

/// There is a reason not to ask it.
bool may_be_silent(const PromptsModel& prompts, const std::string& asker, bool proved, WallTime at) {
  if (asked_since(prompts, at - hours(1) - kClocks) >= kInAnHour) return true;
  if (proved) return false;
  if (prompts.unanswered >= kUnanswered || prompts.denials >= kDenialsToAll) return true;
  const auto denied = prompts.denied.find(asker);
  if (denied == prompts.denied.end()) return false;
  return std::ssize(denied->second) >= kDenialsToOne || at < denied->second.back() + hours(1) + kClocks;
}

}  // namespace

void Model::enrolled_device(std::size_t person, const FactorId& id, crypto::SigningKey key, WallTime confirm_by,
                            bool at_upstream, WallTime at) {
  enrolled(person, id, "", confirm_by, at_upstream, at);
  auto& factor = factors.at(id);
  factor.type = domain::Method::kPush;
  factor.browser = std::move(key);
}

void Model::prompted(const TransactionId& id, const std::string& asker, const std::optional<FactorId>& asking,
                     const Answer<PromptMade>& answer, WallTime at) {
  auto& held = transaction(id);
  const bool may = held.status == TransactionStatus::kHeld && at < held.expires_at &&
                   held.policy.any_of.contains(domain::Method::kPush);
  const bool proved = proved_otherwise(held);
  for (auto& [factor_id, factor] : factors) {
    const bool counted = factor.browser && is_active(held, factor) && counts(held, factor) && asking != factor_id;
    const bool asked = answer && answer->devices.contains(factor_id);
    require(!asked || (may && counted), Invariant::kProved, "{} asks {}, which may not answer", id.text(),
            factor_id.text());
    require(!asked || !must_be_silent(factor.prompts, asker, proved, at), Invariant::kAttempts,
            "{} asks {} although it is silent", id.text(), factor_id.text());
    const bool needed = may && counted && held.prompted < 10 && !may_be_silent(factor.prompts, asker, proved, at);
    require(asked || !needed, Invariant::kRightCounts, "{} does not ask {}, which counts ({})", id.text(),
            factor_id.text(), answer ? "another was asked" : answer.error().detail);
    if (counted && !asked && may) tally_.count("devices that were not worn down");
    if (!asked) continue;
    ++factor.prompts.unanswered;
    factor.prompts.asked.push_back(at);
  }
  if (!answer) return;
  for (auto& older : held.prompts) {
    if (at < older.until) older.open = false;
  }
  held.prompts.push_back({answer->id, answer->challenge, answer->number, asker, answer->devices, answer->until});
  ++held.prompted;
}

void Model::checked_device(const TransactionId& id, const FactorId& factor_id, const DeviceSaid& said,
                           const Answer<usecase::Approved>& answer, WallTime at) {
  auto& held = transaction(id);
  auto& device = factors.at(factor_id);
  const auto prompt = std::ranges::find(held.prompts, said.prompt, &PromptModel::id);
  const bool asked = prompt != held.prompts.end() && prompt->open && at < prompt->until &&
                     prompt->challenge == said.challenge && prompt->devices.contains(factor_id);
  const bool usable = asked && is_active(held, device) && said.genuine;
  const bool is_open = held.status == TransactionStatus::kHeld && at < held.expires_at;
  const bool right = said.number && usable && *said.number == prompt->number;
  if (!answer) {
    const Code why = answer.error().code;
    if (why == Code::kWrongResponse) {
      require(!usable || !is_open, Invariant::kRightCounts, "{} refused {}, which was asked", id.text(),
              factor_id.text());
      event(held, "check.failed");
      tally_.count(asked ? "devices' answers refused: not its own" : "devices' answers refused: not asked, or over");
    }
    if (why == Code::kLocked) {
      require(device.failures.locked_until && at < *device.failures.locked_until, Invariant::kRightCounts,
              "{} is locked and should not be", factor_id.text());
      tally_.count("devices' answers refused: locked");
    }
    if (why != Code::kWrongCode) return;
    require(usable && is_open && said.number && !right, Invariant::kRightCounts, "{} refused the number of its page",
            id.text());
    evaluated(device.failures, at);
    count_failure(device.failures, at);
    if (++prompt->wrong >= kWrongNumbers) prompt->open = false;
    require(prompt->wrong <= kWrongNumbers, Invariant::kAttempts, "{} judged {} numbers", id.text(), prompt->wrong);
    event(held, "check.failed");
    tally_.count("wrong numbers on devices");
    return;
  }
  require(is_open && held.policy.any_of.contains(domain::Method::kPush), Invariant::kProved,
          "{} took a device's answer and may not", id.text());
  require(prompt != held.prompts.end() && prompt->open && at < prompt->until, Invariant::kOnce,
          "{} took an answer to a prompt that is over", id.text());
  require(usable, Invariant::kProved, "{} took an answer of a device that was not asked, or not its own", id.text());
  prompt->open = false;
  for (const auto& other : prompt->devices) {
    auto& prompts = factors.at(other).prompts;
    prompts.unanswered = 0;
    if (said.number) {
      prompts.denials = 0;
      prompts.denied.clear();
    } else {
      ++prompts.denials;
      prompts.denied[prompt->asker].push_back(at);
    }
  }
  if (!said.number) {
    tally_.count("denials on devices");
    return close(held, TransactionStatus::kDenied, at);
  }
  evaluated(device.failures, at);
  device.failures = {};
  require(right, Invariant::kProved, "{} was approved by a number that its page did not show", id.text());
  require(counts(held, device), Invariant::kProved, "{} was proved by a device that does not count", id.text());
  tally_.count("devices' answers accepted");
  prove(held, {domain::Method::kPush, factor_id.id}, *answer, at);
}

void Model::showed_herself(const TransactionModel& held) {
  for (auto& [id, factor] : factors) {
    const bool hers = factor.browser && is_active(held, factor) && factor.at_upstream == held.at_upstream;
    if (!hers) continue;
    factor.prompts.unanswered = 0;
    factor.prompts.denials = 0;
  }
}

}  // namespace countersign::simulation
