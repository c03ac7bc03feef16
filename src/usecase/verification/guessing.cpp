#include "usecase/verification/guessing.h"

#include <algorithm>

#include "usecase/tally.h"

namespace countersign::usecase {

Guard guard_of(const store::ContactRow& contact, bool standalone) {
  const auto whose = store::guessers_of(contact, standalone);
  return {whose, store::guard_of(contact, whose)};
}

int code_length_for(const Guard& guard, const domain::Limits& limits, const ServiceSettings& service, WallTime now) {
  const bool lengthened = domain::needs_long_code(guard.state, limits.failures, now);
  return lengthened ? std::max(service.code_length, domain::kSlowedCodeLength) : service.code_length;
}

int attempts_for(const Guard& guard, const domain::Limits& limits) {
  return domain::is_slowed(guard.state, limits.failures) ? std::min(limits.attempts_max, domain::kSlowedAttempts)
                                                         : limits.attempts_max;
}

std::optional<Problem> slow_fault(const Guard& guard, const domain::Limits& limits, WallTime now) {
  const Duration wait = domain::slow_wait(guard.state, limits.failures, now);
  if (wait == Duration::zero()) return std::nullopt;
  return Problem{Code::kResendTooSoon, "after a hundred wrong codes in a row, one code an hour is sent", "", wait};
}

void count_wrong_guess(const Work& work, store::ContactRow& contact, const Guard& guard,
                       const domain::FailureRules& rules, std::int64_t weight, bool fixed_length) {
  const auto next = domain::after_wrong(guard.state, rules, work.moment.now, weight, fixed_length);
  if (next.failures.locked_until != guard.state.failures.locked_until) {
    count(work.tx, work.context, work.caller.account, {},
          [whose = guard.whose](Tally& tally, const Tally::Place& place) {
            tally.on_lock(place.account, whose == store::Guessers::kOwn ? "line" : "line_strangers");
          });
  }
  store::save_guard(work.tx, work.caller.account, contact, guard.whose, next);
}

void forget_failures(store::Tx& tx, const AccountId& account, store::ContactRow& contact, const Guard& guard) {
  if (guard.state.failures == domain::Failures{}) return;
  store::save_guard(tx, account, contact, guard.whose, domain::after_right(guard.state));
}

Problem locked_until(WallTime until, WallTime now) {
  return {Code::kLocked, "too many failures in a row", "", until - now};
}

std::optional<Problem> lock_fault(const domain::Failures& failures, WallTime now) {
  if (!domain::is_locked(failures, now)) return std::nullopt;
  return locked_until(*failures.locked_until, now);
}

}  // namespace countersign::usecase
