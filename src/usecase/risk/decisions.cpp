#include "usecase/risk/decisions.h"

namespace countersign::usecase {

store::DecisionPage list_decisions(const Work& work, const store::DecisionFilter& filter) {
  return store::list_decisions(work.tx, work.caller.account, filter);
}

}  // namespace countersign::usecase
