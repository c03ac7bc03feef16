#include "store/unit.h"

#include <string>

namespace countersign::store {

TracedUnit::TracedUnit(Executor* home, std::string_view span) : Unit(home) {
  if (!asked_.is_traced()) return;
  span_ = trace::Span::below_current(trace::Kind::kInternal);
  span_.name(std::string(span));
}

void TracedUnit::run(Tx& tx) {
  const trace::Scope scope(asked_);
  work(tx);
  failed_.reset();
  tells_ = tx.take_tells();
}

void TracedUnit::finish() {
  if (span_.is_recorded()) {
    if (failed_) span_.fail(name_of(failed_->code));
    span_.end();
  }
  const trace::Scope scope(asked_);
  if (!failed_) {
    for (const auto& [tell, even_abandoned] : tells_) tell();
  }
  deliver(std::move(failed_));
}

}  // namespace countersign::store
