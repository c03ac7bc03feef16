#include "simulation/fraud.h"

#include <memory>

namespace countersign::simulation {

namespace {

/// Taken to be written; put back unless it is.
struct Taken {
  explicit Taken(const usecase::Context& from)
      : context(from),
        counts(context.risk->take_unwritten()),
        decisions(context.decisions->take()),
        people(context.trust->take()) {}
  ~Taken() {
    if (is_written) return;
    context.risk->put_back(std::move(counts));
    context.decisions->put_back(std::move(decisions));
    context.trust->put_back(std::move(people));
  }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;

  const usecase::Context context;
  usecase::RiskBook::Unwritten counts;
  usecase::DecisionLog::ByAccount decisions;
  usecase::TrustBook::Unwritten people;
  bool is_written = false;
};

}  // namespace

void write_fraud(store::Tx& tx, const usecase::Context& context, Moment& moment) {
  const auto taken = std::make_shared<Taken>(context);
  auto news = usecase::sync_risk(tx, context, taken->counts, context.risk->seen(), moment);
  if (!taken->people.empty()) usecase::write_trust(tx, taken->people, moment.now);
  usecase::write_decisions(tx, taken->decisions);
  tx.when_durable([taken, news = std::move(news), now = moment.now] {
    taken->is_written = true;
    taken->context.risk->learn(news, now);
    taken->context.risk->prune(now);
  });
}

}  // namespace countersign::simulation
