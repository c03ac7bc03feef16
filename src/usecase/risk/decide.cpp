#include "usecase/risk/decide.h"

#include <memory>
#include <utility>

#include "usecase/risk/decision_log.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

void tell(const Context& context, const AccountId& account, const risk::Record& record) {
  Tally* const tally = tally_for(context, account);
  if (tally == nullptr) return;
  const auto place = place_of(context, account, record.service);
  tally->on_decision(place, record.decision, record.keys.country);
}

}  // namespace

Decided decide(const Work& work, Deciding deciding) {
  Decided decided{DecisionId::make(work.moment),
                  risk::decide(deciding.point, std::move(deciding.matches), deciding.leniency)};
  if (work.context.decisions == nullptr && tally_for(work.context, work.caller.account) == nullptr) return decided;
  auto record = std::make_shared<risk::Record>(risk::Record{decided.id, work.moment.now, deciding.service,
                                                            deciding.transaction, deciding.subject, decided.decision,
                                                            std::move(deciding.features), std::move(deciding.keys)});
  if (record->features.words.service.empty() && record->service != ServiceId{})
    record->features.words.service = place_of(work.context, work.caller.account, record->service).service;
  work.tx.when_answered([&context = work.context, account = work.caller.account, record = std::move(record)] {
    tell(context, account, *record);
    if (context.decisions != nullptr) context.decisions->add(account, std::move(*record));
  });
  return decided;
}

}  // namespace countersign::usecase
