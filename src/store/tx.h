#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "base/function_ref.h"
#include "store/param.h"
#include "store/row.h"
#include "store/sql.h"

namespace countersign::store {

/// The inside of one serializable transaction: what a unit of work does with the database. It lives for one run of the
/// work, on the store's own thread; the work takes it by reference and never keeps it.
///
/// Every call throws StoreFailure when the database fails, which the work lets pass. A broken constraint is such a
/// failure too (kFailed): a race that is expected, such as a second use of an idempotency key, is written as
/// `ON CONFLICT … DO NOTHING` or a condition in WHERE, and shows in the number of rows changed.
class Tx {
 public:
  /// Runs a statement that answers no rows. Returns the number of rows inserted, updated or deleted.
  /// A bug in Store::read, where nothing may change.
  virtual std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) = 0;

  /// exec for those who do not ask how many rows there were. An engine across a network sends it together with what
  /// comes next, which saves the wait; a failure then shows at a later call, or at the end of the unit.
  virtual void put(const Sql& sql, std::initializer_list<Param> params) { exec(sql, params); }

  /// Calls `read` with the first row, if there is one; true if there was. Further rows are not looked at.
  virtual bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) = 0;

  /// Calls `read` with each row in turn. `read` may use the transaction, but not the same `sql` again.
  virtual void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) = 0;

  /// Runs several statements without parameters, separated by `;`. For migrations.
  virtual void script(std::string_view statements) = 0;

  /// What the file of an engine takes: pages, those of them that hold nothing, and the bytes of one. All zero for an
  /// engine that looks after its space by itself.
  struct Space {
    std::int64_t pages = 0;
    std::int64_t free = 0;
    std::int64_t page_bytes = 0;
  };
  [[nodiscard]] virtual Space space() { return {}; }
  /// Gives up to `pages` pages that hold nothing back to the file system, with the next checkpoint; none in a file that
  /// was not made for it. It moves as many pages, and takes as long. `pages` is above zero.
  virtual void give_back(std::int64_t /*pages*/) {}

  /// Marks this unit to be rolled back when the work returns. Its outcome is still delivered, as a success of the
  /// store: the way to answer "no" after something has been written. Other units are not touched.
  virtual void abandon() = 0;
  [[nodiscard]] virtual bool abandoned() const = 0;

  /// What counts things, so that they are counted as often as they happened: `tell` is called once the unit is durable,
  /// before its continuation and on the same thread; never for a run that is repeated, or for a unit that fails. Short,
  /// and it throws nothing.
  void when_durable(std::function<void()> tell) { tells_.push_back({std::move(tell), false}); }
  /// The same, also where the unit is abandoned: that something was refused.
  void when_answered(std::function<void()> tell) { tells_.push_back({std::move(tell), true}); }

  struct Tell {
    std::function<void()> tell;
    bool even_abandoned;
  };
  /// For Unit.
  [[nodiscard]] std::vector<Tell> take_tells() {
    if (abandoned()) std::erase_if(tells_, [](const Tell& one) { return !one.even_abandoned; });
    return std::move(tells_);
  }

 protected:
  ~Tx() = default;

 private:
  std::vector<Tell> tells_;
};

}  // namespace countersign::store
