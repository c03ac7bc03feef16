#include "usecase/test_mode/outcomes.h"

#include <algorithm>
#include <array>

namespace countersign::usecase {

namespace {

using delivery::Fault;
using delivery::PersonNotice;

enum class Fate {
  kFixedCode,
  kInvalid,
  kUnsupported,
  kBlocked,
  kRejected,
  kMisconfigured,
  kDown,
  kOutage,
  kBusy,
  kSlow,
  kUndelivered,
  kStopped,
};

struct Addressee {
  std::string_view number;
  std::string_view mailbox;  ///< The part before `@example.com`, and before any `+`.
  Fate fate;
};

constexpr std::array kAddressees{
    Addressee{"+12025550110", "fixed", Fate::kFixedCode},
    Addressee{"+12025550111", "invalid", Fate::kInvalid},
    Addressee{"+12025550112", "unsupported", Fate::kUnsupported},
    Addressee{"+12025550113", "blocked", Fate::kBlocked},
    Addressee{"+12025550114", "rejected", Fate::kRejected},
    Addressee{"+12025550115", "misconfigured", Fate::kMisconfigured},
    Addressee{"+12025550116", "down", Fate::kDown},
    Addressee{"+12025550117", "outage", Fate::kOutage},
    Addressee{"+12025550118", "busy", Fate::kBusy},
    Addressee{"+12025550119", "slow", Fate::kSlow},
    Addressee{"+12025550120", "undelivered", Fate::kUndelivered},
    Addressee{"+12025550121", "stopped", Fate::kStopped},
};

constexpr Duration kOutageLasts = std::chrono::seconds(60);
constexpr Duration kBusyLasts = std::chrono::seconds(30);
constexpr Duration kSlowWay = std::chrono::seconds(30);

std::string_view mailbox_of(std::string_view to) {
  constexpr std::string_view kDomain = "@example.com";
  if (!to.ends_with(kDomain)) return {};
  to.remove_suffix(kDomain.size());
  return to.substr(0, to.find('+'));
}

std::optional<Fate> fate_of(std::string_view to) {
  const auto mailbox = mailbox_of(to);
  const auto* const found = std::ranges::find_if(
      kAddressees, [&](const Addressee& a) { return a.number == to || (!mailbox.empty() && a.mailbox == mailbox); });
  return found == kAddressees.end() ? std::nullopt : std::optional(found->fate);
}

delivery::ProviderError simulated(Fault fault, PersonNotice notice, std::optional<Duration> retry_after = {}) {
  return {fault, notice, "test_mode", "as the address asks for", retry_after};
}

std::optional<delivery::ProviderError> refusal_of(Fate fate, WallTime made_at, WallTime now) {
  const Duration age = now - made_at;
  switch (fate) {
    case Fate::kInvalid:
      return simulated(Fault::kInvalidAddress, PersonNotice::kNumberNotSupported);
    case Fate::kUnsupported:
      return simulated(Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported);
    case Fate::kBlocked:
      return simulated(Fault::kBlocked, PersonNotice::kTryAnotherWay);
    case Fate::kRejected:
      return simulated(Fault::kRejected, PersonNotice::kTryAnotherWay);
    case Fate::kMisconfigured:
      return simulated(Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable);
    case Fate::kDown:
      return simulated(Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable);
    case Fate::kOutage:
      if (age >= kOutageLasts) return std::nullopt;
      return simulated(Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable);
    case Fate::kBusy:
      if (age >= kBusyLasts) return std::nullopt;
      return simulated(Fault::kRateLimited, PersonNotice::kWait, kBusyLasts - age);
    case Fate::kFixedCode:
    case Fate::kSlow:
    case Fate::kUndelivered:
    case Fate::kStopped:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

TestOutcome test_outcome(std::string_view to, WallTime made_at, WallTime now) {
  const auto fate = fate_of(to);
  if (auto refusal = fate ? refusal_of(*fate, made_at, now) : std::nullopt) return {fail(*std::move(refusal))};
  TestOutcome outcome{delivery::Accepted{"test"}};
  if (fate == Fate::kSlow) outcome.arrives_after = kSlowWay;
  if (fate == Fate::kUndelivered)
    outcome.report = simulated(Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported);
  return outcome;
}

bool is_stopped_by_rules(std::string_view to) { return fate_of(to) == Fate::kStopped; }

bool has_fixed_code(std::string_view to) { return fate_of(to) == Fate::kFixedCode; }

}  // namespace countersign::usecase
