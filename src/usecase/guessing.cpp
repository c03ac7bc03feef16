#include "usecase/guessing.h"

#include <algorithm>

#include "usecase/tally.h"

namespace countersign::usecase {

Guard guard_of(const store::ContactRow& contact, bool code_alone) {
  const auto whose = store::guessers_of(contact, code_alone);
  return {whose, store::guard_of(contact, whose)};
}

int code_length_for(const Guard& guard, const Limits& limits, const ServiceSettings& service, WallTime now) {
  const bool lengthened = domain::needs_long_code(guard.state, limits.failures, now);
  return lengthened ? std::max(service.code_length, domain::kSlowedCodeLength) : service.code_length;
}

int attempts_for(const Guard& guard, const Limits& limits) {
  return domain::is_slowed(guard.state, limits.failures) ? std::min(limits.attempts_max, domain::kSlowedAttempts)
                                                         : limits.attempts_max;
}

std::optional<Problem> slow_fault(const Guard& guard, const Limits& limits, WallTime now) {
  const Duration wait = domain::slow_wait(guard.state, limits.failures, now);
  if (wait == Duration::zero()) return std::nullopt;
  return Problem{Code::kResendTooSoon, "after a hundred wrong codes in a row, one code an hour is sent", "", wait};
}

void count_wrong_guess(store::Tx& tx, const Context& context, const AccountId& account, store::ContactRow& contact,
                       const Guard& guard, const domain::FailureRules& rules, std::int64_t weight, bool fixed_length,
                       WallTime now) {
  const auto next = domain::after_wrong(guard.state, rules, now, weight, fixed_length);
  if (next.failures.locked_until != guard.state.failures.locked_until) {
    count(tx, context, account, {}, [whose = guard.whose](Tally& tally, const Tally::Place& place) {
      tally.on_lock(place.account, whose == store::Guessers::kOwn ? "line" : "line_strangers");
    });
  }
  store::save_guard(tx, account, contact, guard.whose, next);
}

void forget_failures(store::Tx& tx, const AccountId& account, store::ContactRow& contact, const Guard& guard) {
  if (guard.state.failures == domain::Failures{}) return;
  store::save_guard(tx, account, contact, guard.whose, domain::after_right(guard.state));
}

}  // namespace countersign::usecase
