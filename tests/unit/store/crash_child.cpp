// The victim of crash_test.cpp: commits numbers in a database, some at a time, and writes every number whose commit was
// answered to standard output as eight bytes, until it is killed.

#include <unistd.h>

#include <cstdio>

#include "ledger.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::store {
namespace {

/// Runs continuations on the store's own thread, which gives the least time between an answer and its report.
class InPlace final : public Executor {
 public:
  void post(Task task) override { task(); }
  void post_all(std::vector<Task> tasks) override {
    for (auto& task : tasks) task();
  }
};

class Victim {
 public:
  explicit Victim(Store& store) : store_(store) {}

  void commit(std::int64_t number) {
    store_.transact(
        home_, [number](Tx& tx) { return add_entry(tx, number); },
        [this, number](const Result<Done, StoreError>& result) {
          if (!result || ::write(STDOUT_FILENO, &number, sizeof number) != sizeof number) ::_exit(3);
          commit(number + kAtATime);
        });
  }

  static constexpr std::int64_t kAtATime = 7;

 private:
  Store& store_;
  InPlace home_;
};

int run(const char* file) {
  // Checkpoints often, so that some of the kills meet one.
  auto store = open_sqlite({.file = file, .checkpoint_pages = 10});
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().detail.c_str());
    return 2;
  }
  if (!migrate(**store, kLedgerSchema, WallTime{})) return 2;
  const auto next = (*store)->read_now([](Tx& tx) {
    static const Sql kSelect{"SELECT coalesce(max(number), 0) + 1 FROM entry"};
    std::int64_t number = 0;
    tx.one(kSelect, {}, [&](const Row& row) { number = row.integer(0); });
    return number;
  });
  if (!next) return 2;
  Victim victim(**store);
  for (std::int64_t i = 0; i < Victim::kAtATime; ++i) victim.commit(*next + i);
  while (true) ::pause();
}

}  // namespace
}  // namespace countersign::store

int main(int, char** arguments) { return countersign::store::run(arguments[1]); }
