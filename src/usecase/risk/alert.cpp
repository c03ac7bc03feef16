#include "usecase/risk/alert.h"

#include <algorithm>

#include "base/encoding.h"
#include "store/repository/counters.h"

namespace countersign::usecase {

namespace {

/// A window that holds for all nodes and ends by itself: it begins with the latest alert.
std::string alert_counter(const SubjectId& subject) { return "alert " + to_hex(subject.bytes()); }

}  // namespace

void alert(const Work& work, const SubjectId& subject) {
  const std::string counter = alert_counter(subject);
  const auto before = store::find_counter(work.tx, work.caller.account, counter);
  store::keep_window(work.tx, work.caller.account, counter, {std::max(before.start, work.moment.now), 1});
}

bool is_alerted(const Work& work, const SubjectId& subject) {
  if (!work.context.settings.shared_signals.contains(work.caller.account)) return false;
  const auto window = store::find_counter(work.tx, work.caller.account, alert_counter(subject));
  return window.count > 0 && work.moment.now < window.start + kAlertHolds;
}

}  // namespace countersign::usecase
