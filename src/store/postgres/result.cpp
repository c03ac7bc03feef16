#include "store/postgres/result.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <string_view>

#include "base/check.h"
#include "store/postgres/types.h"

namespace countersign::store::postgres {

namespace {

using Code = StoreError::Code;
using Kind = Failure::Kind;

struct Meaning {
  std::string_view state;  ///< An SQLSTATE, or the two characters of its class.
  Kind kind;
  Code code;
};

/// The first that fits. What is not here is a bug in a statement or a broken constraint.
constexpr std::array kMeanings{
    Meaning{"40001", Kind::kConflict, Code::kConflict},      // serialization_failure
    Meaning{"40P01", Kind::kConflict, Code::kConflict},      // deadlock_detected
    Meaning{"40003", Kind::kLost, Code::kUnavailable},       // statement_completion_unknown
    Meaning{"55P03", Kind::kConflict, Code::kConflict},      // lock_not_available
    Meaning{"53100", Kind::kStatement, Code::kFull},         // disk_full
    Meaning{"53200", Kind::kConflict, Code::kConflict},      // out_of_memory
    Meaning{"53", Kind::kStatement, Code::kUnavailable},     // other resources, too many connections
    Meaning{"08", Kind::kLost, Code::kUnavailable},          // connection
    Meaning{"57014", Kind::kStatement, Code::kUnavailable},  // query_canceled, by statement_timeout
    Meaning{"57", Kind::kLost, Code::kUnavailable},          // shutdown, crash, starting up
    Meaning{"25006", Kind::kLost, Code::kUnavailable},       // this server has become a standby
    Meaning{"25P03", Kind::kLost, Code::kUnavailable},       // idle_in_transaction_session_timeout
    Meaning{"58", Kind::kStatement, Code::kUnavailable},     // I/O error
    Meaning{"XX001", Kind::kStatement, Code::kDamaged},      // data_corrupted
    Meaning{"XX002", Kind::kStatement, Code::kDamaged},      // index_corrupted
    Meaning{"28", Kind::kLost, Code::kUnavailable},          // not let in
};

std::string_view field(const pg_result* result, int name) {
  const char* const text = PQresultErrorField(result, name);
  return text == nullptr ? std::string_view() : text;
}

/// What a statement that judges again (SharedPart::write) does where another node was first: it has no number to write.
/// Nothing else writes NULL there.
bool is_refused_count(const pg_result* result) {
  return field(result, PG_DIAG_SQLSTATE) == "23502" && field(result, PG_DIAG_TABLE_NAME) == "counters";
}

/// Class 22 is about values, and quotes them.
std::string sentence_of(const pg_result* result) {
  const auto state = field(result, PG_DIAG_SQLSTATE);
  std::string text(state.starts_with("22") ? "a value was refused" : field(result, PG_DIAG_MESSAGE_PRIMARY));
  for (const int name : {PG_DIAG_TABLE_NAME, PG_DIAG_COLUMN_NAME, PG_DIAG_CONSTRAINT_NAME}) {
    if (const auto what = field(result, name); !what.empty() && text.find(what) == std::string::npos) {
      text += fmt::format(", {}", what);
    }
  }
  return text;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

void ClearQueryResult::operator()(pg_result* result) const { PQclear(result); }

Failure failure_of(const pg_result* result) {
  const auto state = field(result, PG_DIAG_SQLSTATE);
  if (state.empty()) return {Kind::kLost, {Code::kUnavailable, "PostgreSQL: the connection was lost"}};
  Failure failure{Kind::kStatement, {Code::kFailed, {}}};
  for (const auto& meaning : kMeanings) {
    if (!state.starts_with(meaning.state)) continue;
    failure = {meaning.kind, {meaning.code, {}}};
    break;
  }
  if (is_refused_count(result)) failure = {Kind::kConflict, {Code::kConflict, {}}};
  // Only an error at a row has a context here ("while updating tuple …", in the server's language).
  failure.at_locked_row = state == kLockTimeout && !field(result, PG_DIAG_CONTEXT).empty();
  failure.error.detail = fmt::format("PostgreSQL error {}: {}", state, sentence_of(result));
  // It says which setting to raise.
  if (const auto hint = field(result, PG_DIAG_MESSAGE_HINT); state == kNoMoreMemory && !hint.empty())
    failure.error.detail += fmt::format(" ({})", hint);
  return failure;
}

std::string notice_of(const pg_result* result) {
  return fmt::format("PostgreSQL {} {}: {}", field(result, PG_DIAG_SEVERITY_NONLOCALIZED),
                     field(result, PG_DIAG_SQLSTATE), sentence_of(result));
}

int row_count(const pg_result* result) { return PQntuples(result); }

std::int64_t changed_rows(const pg_result* result) {
  const std::string_view text = PQcmdTuples(const_cast<pg_result*>(result));
  std::int64_t rows = 0;
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

bool Row::is_null(int column) const {
  CS_CHECK(column < PQnfields(result_));
  return PQgetisnull(result_, row_, column) == 1;
}

std::int64_t Row::integer(int column) const {
  switch (type_of(column)) {
    case kInt8:
      return static_cast<std::int64_t>(from_big_endian(bytes(column)));
    case kInt4:
      return static_cast<std::int32_t>(from_big_endian(bytes(column)));
    case kInt2:
      return static_cast<std::int16_t>(from_big_endian(bytes(column)));
    case kBool:
      return bytes(column) == std::string_view("\1", 1) ? 1 : 0;
    default:
      refuse(column, "an integer");
  }
}

std::string_view Row::text(int column) const {
  const auto type = type_of(column);
  if (type != kText && type != kVarchar && type != kName) refuse(column, "text");
  return bytes(column);
}

std::string_view Row::blob(int column) const {
  if (type_of(column) != kBytea) refuse(column, "bytes");
  return bytes(column);
}

std::string_view Row::bytes(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

unsigned int Row::type_of(int column) const { return is_null(column) ? 0 : PQftype(result_, column); }

void Row::refuse(int column, std::string_view wanted) const {
  throw StoreFailure({StoreError::Code::kUnreadable, fmt::format("column {} ({}) has type {}, and is not {}", column,
                                                                 PQfname(result_, column), type_of(column), wanted)});
}

}  // namespace countersign::store::postgres
