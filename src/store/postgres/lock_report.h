#pragma once

#include "store/postgres/session.h"

namespace countersign::store::postgres {

/// Tells the operator what keeps a writer from its locks: somebody's open transaction, an operator's say, which can
/// hold up all nodes, or a table of locks that is full. At most every ten seconds. Used by one thread at a time.
class LockReport {
 public:
  LockReport(Surroundings& surroundings, Session& session) : surroundings_(surroundings), session_(session) {}

  /// What has failed; nothing is said of other failures. Asks the database whose locks they are, so no transaction may
  /// be open.
  void tell(const Failure& failure);

 private:
  void tell_who_locks();

  Surroundings& surroundings_;
  Session& session_;
  MonotonicTime tell_again_{};  ///< Not before then.
};

}  // namespace countersign::store::postgres
