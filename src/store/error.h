#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace countersign::store {

/// Why a unit of work was not committed. Nothing of it is in the database; with two exceptions: kUnknown, and if the
/// disk failed while a commit was being synced (kUnavailable, kFull) and the machine stops soon after, the commit may
/// turn out to be there.
struct StoreError {
  enum class Code {
    kUnavailable,  ///< The database cannot be read or written just now (I/O error, locked, no memory, connection lost).
    kInUse,        ///< Another process has the SQLite file open.
    kFull,         ///< No room on the disk. Writing works again as soon as there is some.
    kConflict,     ///< Lost against concurrent work in every attempt; trying again later is sensible.
    kDenied,       ///< The database answers and does not let this server in: user, password, name, certificate.
    kDamaged,      ///< The engine says that the database is damaged, or is no database.
    kCorrupt,      ///< A row holds what no version of this program wrote; others are readable.
    kSchema,       ///< The schema is newer than this program, or another application's.
    kFailed,       ///< The work threw, or broke a constraint of the schema: a bug. Other units are not touched.
    kShutDown,     ///< The store has been stopped.
    kOverloaded,   ///< More work is queued than the store accepts; it was not started.
    kUnreadable,  ///< A value of a row is not what the program wrote, or its key is missing. The database itself works.
    kUnknown,     ///< The database vanished while it committed and did not come back in time: it may have taken place.
  };
  Code code;
  std::string detail;      ///< For the log and the operator, never for a client.
  std::string table = {};  ///< With kUnreadable, where whoever read the row has named it (store/set_aside.h) …
  std::string key = {};    ///< … and its primary key, as bytes.
};

/// `unavailable`, `full`, `conflict`, …
[[nodiscard]] std::string_view name_of(StoreError::Code code);

/// Thrown by Tx and Row when the database fails. Work lets it pass; the engine alone catches it, rolls the unit back
/// and hands `error` to the unit's `then`.
class StoreFailure final : public std::exception {
 public:
  explicit StoreFailure(StoreError failure) : error(std::move(failure)) {}
  [[nodiscard]] const char* what() const noexcept override { return error.detail.c_str(); }

  StoreError error;
};

}  // namespace countersign::store
