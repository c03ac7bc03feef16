#pragma once

#include "usecase/risk/book.h"
#include "usecase/risk/decision_log.h"
#include "usecase/risk/rule_book.h"
#include "usecase/risk/trust_book.h"

namespace countersign::simulation {

/// What one process knows of fraud, and has yet to write down: gone when it ends. Outlives its store, whose units may
/// drop a count last.
struct FraudMemory {
  explicit FraudMemory(const usecase::Settings& settings) : rules(settings) {}
  void join(usecase::Context& context) {
    context.risk = &risk;
    context.decisions = &decisions;
    context.trust = &trust;
    context.rules = &rules;
  }

  usecase::RiskBook risk;
  usecase::DecisionLog decisions;
  usecase::TrustBook trust;
  usecase::RuleBook rules;
};

/// What a process writes and reads each second beside requests, in one unit. What is not committed stays in memory.
void write_fraud(store::Tx& tx, const usecase::Context& context, Moment& moment);

}  // namespace countersign::simulation
