#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/key.h"
#include "store/param.h"
#include "store/sql.h"

struct pg_result;

namespace countersign::store::postgres {

/// For tests of several nodes: what the units of their last commits have touched. Thread-safe.
class CoverageOfNodes {
 public:
  struct Touch {
    std::string by;  ///< The statement.
    bool wrote = false;
  };
  struct Unit {
    std::uint64_t begun = 0;  ///< Before its first statement, by now().
    std::vector<Key> keys;
    std::map<std::string, Touch> touched;  ///< By id.
  };

  /// A time that all of them share.
  [[nodiscard]] std::uint64_t now();
  /// The commit has just been answered. Calls `report` for each two units of different nodes that touched the same row
  /// without a key of all nodes that both had, where neither was committed before the other began and one wrote it.
  void committed(const void* node, std::vector<Unit> units, const std::function<void(std::string_view)>& report);

 private:
  static constexpr std::size_t kUnitsMax = 2'000;  ///< Batches are open for as long as a few others take.
  struct Committed {
    const void* node;
    std::uint64_t ended;
    Unit unit;
  };
  std::mutex mutex_;
  std::uint64_t time_ = 0;
  std::deque<Committed> known_;
};

/// For tests: finds units that ran side by side and touched the same row, by an id in a parameter or an answer, without
/// a key that both had, where at least one of them wrote it.
class Coverage {
 public:
  /// What two units may name at the same time, because it is only read: ids of accounts and services.
  using IsShared = std::function<bool(std::string_view id)>;
  using Report = std::function<void(std::string_view what)>;

  /// `nodes` may be null; else it is that of the other nodes as well.
  Coverage(IsShared is_shared, Report report, std::shared_ptr<CoverageOfNodes> nodes)
      : is_shared_(std::move(is_shared)), report_(std::move(report)), nodes_(std::move(nodes)) {}

  void begin_batch();
  void begun(std::size_t unit);
  void sent(std::size_t unit, const Sql& sql, std::initializer_list<Param> params);
  void answered(std::size_t unit, const pg_result* result);
  void ended(std::size_t unit, std::span<const Key> keys);

  /// Nothing that it did counts.
  void put_off(std::size_t unit);

  /// When all of the batch have ended: reports what was not covered.
  void judge() const;
  /// What ran beside other nodes is committed: reports what was not covered there.
  void committed();

 private:
  using Touch = CoverageOfNodes::Touch;
  struct Run {
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
    std::uint64_t begun_at = 0;  ///< By CoverageOfNodes::now().
    std::vector<Key> keys;
  };

  void touch(std::size_t unit, std::string_view id, std::string_view statement, bool writes);

  IsShared is_shared_;
  Report report_;
  std::shared_ptr<CoverageOfNodes> nodes_;
  std::uint64_t time_ = 0;
  std::map<std::size_t, Run> runs_;
  std::map<std::size_t, std::string> asked_;  ///< The statement that each unit waits for.
  std::map<std::string, std::map<std::size_t, Touch>> touched_;
};

}  // namespace countersign::store::postgres
