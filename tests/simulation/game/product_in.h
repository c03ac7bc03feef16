#pragma once

#include <fmt/format.h>

#include <iostream>

#include "simulation/game/product.h"

// Shared by both files of the product's interfaces.
namespace countersign::simulation::game {

template <class Unit>
auto Product::in(Unit unit) {
  auto result = store_->transact_now([&](store::Tx& tx) {
    Moment moment{clock_.now(), random_};
    return unit(tx, moment);
  });
  if (!result) {
    std::cerr << "the store failed: " << result.error().detail << '\n';
    CS_CHECK(false);
  }
  return *std::move(result);
}

inline std::string name_of(usecase::Code code) {
  using enum usecase::Code;
  switch (code) {
    case kWrongCode:
      return "wrong_code";
    case kLocked:
      return "locked";
    case kRateLimited:
      return "rate_limited";
    case kResendTooSoon:
      return "resend_too_soon";
    case kNoContact:
      return "no_contact";
    case kNotFound:
      return "not_found";
    case kMethodNotAllowed:
      return "method_not_allowed";
    case kFactorUnusable:
      return "factor_unusable";
    case kWrongResponse:
      return "wrong_response";
    case kSourceDoesNotCount:
      return "source_does_not_count";
    case kNoVerification:
      return "no_verification";
    case kTransactionNotHeld:
      return "transaction_not_held";
    case kTransactionExpired:
      return "transaction_expired";
    case kNotAvailableNow:
      return "not_available_now";
    case kBudgetSpent:
      return "budget_spent";
    case kSpendingStopped:
      return "spending_stopped";
    case kInReview:
      return "in_review";
    default:
      return fmt::format("code {}", static_cast<int>(code));
  }
}

inline Answered refused(const usecase::Problem& problem) {
  return {false, name_of(problem.code), problem.retry_after, {}};
}
inline Answered refused(const usecase::verify_api::Refusal& refusal) {
  return {false, fmt::format("{}", static_cast<int>(refusal.fault)), refusal.retry_after, {}};
}

template <class T, class Why>
Answered answered(const Result<T, Why>& answer) {
  if (!answer) return refused(answer.error());
  return {true, {}, {}, {}};
}

}  // namespace countersign::simulation::game
