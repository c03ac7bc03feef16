#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/key.h"
#include "store/param.h"
#include "store/sql.h"

struct pg_result;

namespace countersign::store::postgres {

/// For tests: finds units that ran side by side and touched the same row, by an id in a parameter or an answer, without
/// a key that both had, where at least one of them wrote it.
class Coverage {
 public:
  /// What two units may name at the same time, because it is only read: ids of accounts and services.
  using IsShared = std::function<bool(std::string_view id)>;
  using Report = std::function<void(std::string_view what)>;

  Coverage(IsShared is_shared, Report report) : is_shared_(std::move(is_shared)), report_(std::move(report)) {}

  void begin_batch();
  void begun(std::size_t unit);
  void sent(std::size_t unit, const Sql& sql, std::initializer_list<Param> params);
  void answered(std::size_t unit, const pg_result* result);
  void ended(std::size_t unit, std::span<const Key> keys);

  /// Nothing that it did counts.
  void put_off(std::size_t unit);

  /// When all of the batch have ended: reports what was not covered.
  void judge() const;

 private:
  struct Run {
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
    std::vector<Key> keys;
  };
  struct Touch {
    std::string by;  ///< The statement.
    bool wrote = false;
  };

  void touch(std::size_t unit, std::string_view id, std::string_view statement, bool writes);

  IsShared is_shared_;
  Report report_;
  std::uint64_t time_ = 0;
  std::map<std::size_t, Run> runs_;
  std::map<std::size_t, std::string> asked_;  ///< The statement that each unit waits for.
  std::map<std::string, std::map<std::size_t, Touch>> touched_;
};

}  // namespace countersign::store::postgres
