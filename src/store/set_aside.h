#pragma once

#include <exception>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/error.h"

namespace countersign::store {

// An unreadable row (its key is missing, it is damaged, another version wrote it) must not stop the work on all others.
// Loops over work rows read each one through one of the two functions here, and set it aside.

/// Primary keys, as bytes, of rows of one table that a loop skips.
using SetAsideKeys = std::set<std::string, std::less<>>;

/// A row that was set aside: its table, its primary key as bytes, and the error.
struct SetAsideRow {
  std::string table;
  std::string key;
  std::string why;
};

/// What a loop has leased, and what it could not read: finished as failed, with its content kept.
template <class Job>
struct Leased {
  std::vector<Job> jobs;
  std::vector<SetAsideRow> set_aside;
};

/// The unit failed because of its own data, not because of the database: others will not.
[[nodiscard]] inline bool is_of_the_unit(const StoreError& error) {
  return error.code == StoreError::Code::kUnreadable || error.code == StoreError::Code::kFailed;
}

/// Takes `step`, and answers what about the row it could not read. Failures of the database itself pass.
template <class Step>
[[nodiscard]] std::optional<std::string> why_unreadable(const Step& step) {
  try {
    step();
    return std::nullopt;
  } catch (const StoreFailure& failure) {
    if (failure.error.code != StoreError::Code::kUnreadable) throw;
    return failure.error.detail;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& exception) {  // From a parser.
    return exception.what();
  }
}

/// Puts what `read` answers into `leased.jobs`; what it cannot read is set aside under `key`.
template <class Job, class Read>
void read_or_set_aside(Leased<Job>& leased, std::string_view table, std::string key, const Read& read) {
  if (auto why = why_unreadable([&] { leased.jobs.push_back(read()); }))
    leased.set_aside.push_back({std::string(table), std::move(key), *std::move(why)});
}

/// Takes `step`, which has written something when it finds what it cannot read: the unit fails, by an error that names
/// the row, and is run again without it.
template <class Step>
void naming_row(std::string_view table, std::string_view key, const Step& step) {
  if (auto why = why_unreadable(step))
    throw StoreFailure({StoreError::Code::kUnreadable, *std::move(why), std::string(table), std::string(key)});
}

}  // namespace countersign::store
