#pragma once

#include <exception>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/error.h"

namespace countersign::store {

// A row of work that cannot be read (its key is missing, it was damaged, another version wrote it) must not stop the
// work on all others. The loops over such rows read each behind one of the two functions here, and set it aside.

/// The primary keys, as bytes, of rows of one table that a loop passes over.
using SetAsideKeys = std::set<std::string, std::less<>>;

/// One that was set aside: of which table, its primary key as bytes, and what is wrong with it.
struct SetAsideRow {
  std::string table;
  std::string key;
  std::string why;
};

/// What a loop has leased, and what it could not read: that is finished as failed, and its content kept.
template <class Job>
struct Leased {
  std::vector<Job> jobs;
  std::vector<SetAsideRow> set_aside;
};

/// The unit failed because of what it had to read or write, not because of the database: others will not.
[[nodiscard]] inline bool is_of_the_unit(const StoreError& error) {
  return error.code == StoreError::Code::kUnreadable || error.code == StoreError::Code::kFailed;
}

/// Runs `work`, and answers what about the row it could not read. Failures of the database itself pass.
template <class Work>
[[nodiscard]] std::optional<std::string> why_unreadable(const Work& work) {
  try {
    work();
    return std::nullopt;
  } catch (const StoreFailure& failure) {
    if (failure.error.code != StoreError::Code::kUnreadable) throw;
    return failure.error.detail;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& exception) {  // Of a parser.
    return exception.what();
  }
}

/// Runs `work`, which has written something when it finds what it cannot read: the unit fails, by an error that names
/// the row, and is run again without it.
template <class Work>
void naming_row(std::string_view table, std::string_view key, const Work& work) {
  if (auto why = why_unreadable(work))
    throw StoreFailure({StoreError::Code::kUnreadable, *std::move(why), std::string(table), std::string(key)});
}

}  // namespace countersign::store
