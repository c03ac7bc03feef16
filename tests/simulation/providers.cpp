#include "simulation/providers.h"

#include "simulation/furnish.h"

namespace countersign::simulation {

using delivery::Fault;
using delivery::PersonNotice;
using delivery::ProviderError;
using delivery::VerifierVerdict;
using std::chrono::minutes;
using std::chrono::seconds;

std::optional<ProviderError> Providers::disturbance(bool& arrives) {
  arrives = true;
  if (!world_.faults()) return std::nullopt;
  const auto error = [](Fault fault, std::optional<Duration> retry_after, bool maybe_sent) {
    return ProviderError{fault, PersonNotice::kTemporarilyUnavailable, "", "simulated", retry_after, maybe_sent};
  };
  switch (world_.chance.below(40)) {
    case 0:
      arrives = false;
      world_.tally.count("fault: provider call lost");
      return error(Fault::kUnavailable, std::nullopt, false);
    case 1:
      world_.tally.count("fault: provider answer lost");
      return error(Fault::kUnavailable, std::nullopt, true);
    case 2:
      arrives = false;
      world_.tally.count("fault: provider busy");
      return error(Fault::kRateLimited, seconds(1 + world_.chance.below(5)), false);
    case 3:
      if (!world_.chance.one_in(4)) return std::nullopt;
      arrives = false;
      world_.tally.count("fault: provider refuses");
      return error(Fault::kRejected, std::nullopt, false);
    default:
      return std::nullopt;
  }
}

void Providers::arrive(const Received& received) {
  received_.push_back(received);
  if (received_.size() > 200) received_.pop_front();
}

Result<delivery::Accepted, ProviderError> Providers::take(const usecase::QueuedMessage& message) {
  if (contact::uses_phone(message.channel())) ++asked_;
  if (const auto* start = std::get_if<delivery::VerificationStart>(&message.content)) return begin(message, *start);
  bool arrives = true;
  const auto error = disturbance(arrives);
  if (arrives) {
    if (!accepted_.insert(message.id).second) world_.tally.count("messages delivered once more");
    world_.tally.count("messages delivered");
    const std::string code = std::get<delivery::OutgoingMessage>(message.content).code.expose();
    arrive({message.transaction, message.verification, code});
    if (world_.faults() && world_.chance.one_in(40)) {
      world_.tally.count("fault: message delivered twice by the provider");
      arrive({message.transaction, message.verification, code});
    }
  }
  if (error) return fail(*error);
  return delivery::Accepted{"SM" + message.id.text()};
}

Result<delivery::Accepted, ProviderError> Providers::begin(const usecase::QueuedMessage& message,
                                                           const delivery::VerificationStart& start) {
  const ProviderError again{
      Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable, "", "simulated", std::nullopt, false};
  if (start.call_before && world_.now() >= *start.call_before) {
    world_.tally.count("requests to a provider that came too late");
    return fail(again);
  }
  if (start.ends_pending) {
    bool arrives = true;
    const auto error = disturbance(arrives);
    if (arrives) end_pending(start.to);
    if (error) return fail(*error);
  }
  bool arrives = true;
  const auto error = disturbance(arrives);
  std::string ref;
  if (arrives) {
    if (!accepted_.insert(message.id).second) world_.tally.count("messages delivered once more");
    world_.tally.count("messages delivered");
    ref = send(message, start.to);
  }
  if (error) return fail(*error);
  if (upstream_.at(ref).sends == 1 || ref == start.again) return delivery::Accepted{ref};
  world_.tally.count("verifications ended that were another's");
  upstream_.at(ref).over = true;
  return fail(again);
}

void Providers::end_pending(const std::string& to) {
  const auto known = upstream_.find(pending_[to]);
  if (known != upstream_.end()) known->second.over = true;
}

std::string Providers::send(const usecase::QueuedMessage& message, const std::string& to) {
  auto& ref = pending_[to];
  const auto known = upstream_.find(ref);
  if (known == upstream_.end() || known->second.over || world_.now() >= known->second.expires_at) {
    ref = fmt::format("VE{}", upstream_.size());
    upstream_[ref] = {fmt::format("{:06}", world_.chance.below(1'000'000)), {}, 0, world_.now() + minutes(10)};
  }
  auto& upstream = upstream_.at(ref);
  ++upstream.sends;
  upstream.sent_for.insert(message.verification);
  arrive({message.transaction, message.verification, upstream.code});
  return ref;
}

void Providers::require_own(const usecase::AskProvider& asked) const {
  for (const auto& other : upstream_.at(asked.check.provider_ref).sent_for) {
    require(other == asked.verification, Invariant::kProved, "the code that was sent for {} has proved {}",
            other.text(), asked.verification.text());
  }
}

Result<Done, ProviderError> Providers::end(const std::string& provider_ref) {
  bool arrives = true;
  const auto error = disturbance(arrives);
  if (arrives) {
    auto& upstream = upstream_.at(provider_ref);
    world_.tally.count(upstream.over ? "verifications ended at their provider: over already"
                                     : "verifications ended at their provider");
    upstream.over = true;
  }
  if (error) return fail(*error);
  return Done{};
}

void Providers::check_ended(const Model& model) const {
  for (const auto& [verification, ref] : known_as_) {
    const auto& upstream = upstream_.at(ref);
    if (upstream.over || world_.now() >= upstream.expires_at) continue;
    const auto known = model.verifications.find(verification);
    if (known == model.verifications.end()) continue;
    // Without attempts left nothing is asked about it any more, and whatever begins next at that number ends it first.
    const auto status = known->second.status;
    require(status == domain::VerificationStatus::kPending || status == domain::VerificationStatus::kExhausted,
            Invariant::kDrains, "{} is {}, and its code is still good at its provider", verification.text(),
            domain::to_text(known->second.status));
  }
}

Result<VerifierVerdict, ProviderError> Providers::check(const usecase::AskProvider& asked) {
  bool arrives = true;
  const auto error = disturbance(arrives);
  auto verdict = VerifierVerdict::kWrongCode;
  if (arrives) {
    const int judged = ++judged_[asked.verification];
    require(judged <= kAttemptsMax, Invariant::kAttempts, "{}: its provider judged {} codes", asked.verification.text(),
            judged);
    const auto known = upstream_.find(asked.check.provider_ref);
    require(known != upstream_.end(), Invariant::kDrains, "{}: its provider never took it over",
            asked.verification.text());
    auto& upstream = known->second;
    if (upstream.over || world_.now() >= upstream.expires_at) {
      verdict = VerifierVerdict::kOver;
    } else if (upstream.code == asked.check.code.expose()) {
      verdict = VerifierVerdict::kApproved;
      upstream.over = true;
    }
  }
  if (error) return fail(*error);
  return verdict;
}

}  // namespace countersign::simulation
