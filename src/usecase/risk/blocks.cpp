#include "usecase/risk/blocks.h"

#include "store/repository/counters.h"
#include "usecase/audit_log.h"
#include "usecase/risk/sending.h"

namespace countersign::usecase {

std::vector<store::BlockRow> list_blocks(const Work& work, const std::optional<BlockId>& after, int limit) {
  return store::list_blocks(work.tx, work.caller.account, work.moment.now, after, limit);
}

Answer<Done> lift_block(const Work& work, const BlockId& id) {
  if (!work.caller.may_administer) return refuse(Code::kMayNotAdminister);
  auto row = store::find_block(work.tx, work.caller.account, id);
  if (!row || !row->block.is_closed(work.moment.now)) return refuse(Code::kNotFound, "no such place is closed");
  row->block.lifted_at = work.moment.now;
  const auto version = store::next_risk_version(work.tx, work.moment.now);
  store::save_block(work.tx, *row, version);
  std::vector<store::CountedCell> forgiven;
  for (auto& counted : store::counts_of(work.tx, row->account, row->kind, row->key)) {
    // With those that were typed: where nobody is established they take nothing back.
    counted.counted = {-counted.counted.sent, -counted.counted.newcomers, 0};
    forgiven.push_back(counted);
  }
  store::add_counts(work.tx, forgiven, version);
  if (row->kind == risk::Kind::kCountry)
    store::keep_window(work.tx, row->account, new_country_counter(row->key), {work.moment.now, 0});
  record(work, "risk.block_lifted",
         Facts()
             .text("block", row->id.text())
             .text("kind", risk::to_text(row->kind))
             .text("key", row->key)
             .text("rule", row->rule));
  return Done{};
}

}  // namespace countersign::usecase
