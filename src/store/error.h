#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace countersign::store {

/// Why a unit of work was not committed. Nothing of it is in the database, with two exceptions: kUnknown; and if the
/// disk failed while a commit was synced (kUnavailable, kFull) and the machine stops soon after, the commit may be
/// there.
struct StoreError {
  enum class Code {
    kUnavailable,  ///< The database cannot be read or written now (I/O error, locked, no memory, connection lost).
    kInUse,        ///< Another process has the SQLite file open.
    kFull,         ///< No space on the disk. Writing works again as soon as there is some.
    kConflict,     ///< Lost against concurrent work in every attempt; a later retry may succeed.
    kDenied,       ///< The database refuses access: user, password, name, certificate.
    kDamaged,      ///< The engine reports that the database is damaged, or is no database.
    kCorrupt,      ///< A row was not written by any version of this program; others are readable.
    kSchema,       ///< The schema is newer than this program, or another application's.
    kFailed,       ///< The work threw, or violated a constraint of the schema: a bug. Other units are not affected.
    kShutDown,     ///< The store has been stopped.
    kOverloaded,   ///< More work is queued than the store accepts; it was not started.
    kUnreadable,  ///< A value of a row is not what the program wrote, or its key is missing. The database itself works.
    kUnknown,  ///< The database was lost during the commit and did not return in time: the commit may have succeeded.
  };
  Code code;
  std::string detail;      ///< For the log and the operator, never for a client.
  std::string table = {};  ///< With kUnreadable, if the reader of the row named it (store/set_aside.h) …
  std::string key = {};    ///< … and its primary key, as bytes.
};

/// `unavailable`, `full`, `conflict`, …
[[nodiscard]] std::string_view name_of(StoreError::Code code);

/// Thrown by Tx and Row when the database fails. Work does not catch it; only the engine does, rolls the unit back and
/// passes `error` to the unit's `then`.
class StoreFailure final : public std::exception {
 public:
  explicit StoreFailure(StoreError failure) : error(std::move(failure)) {}
  [[nodiscard]] const char* what() const noexcept override { return error.detail.c_str(); }

  StoreError error;
};

}  // namespace countersign::store
