#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "store/postgres/connection_string.h"
#include "store/postgres/parameters.h"
#include "store/postgres/result.h"
#include "store/sql.h"

struct pg_conn;

namespace countersign::store {

/// How long things may take. Each also bounds what a server does for a client that has vanished.
struct PgDeadlines {
  Duration connect{3'000'000};     ///< To reach one host; whole seconds, at least two.
  Duration statement{10'000'000};  ///< One statement.
  Duration lock{3'000'000};        ///< Waiting for a lock, a node's turn included.
  Duration idle{5'000'000};        ///< A transaction in which nothing comes from the client.
};

/// One connection in pipeline mode, with its prepared statements. Used by one thread at a time.
///
/// What is put is only queued; it goes to the server together with the next thing that somebody waits for, so that
/// statements whose answer nobody needs cost no round trip. Answers come in order. When one is a failure, the call that
/// meets it throws StoreFailure, and so does every call after it, until recover(): the server ignores what comes behind
/// a failure too.
class PgConnection {
 public:
  /// Takes messages of the server. Called on the thread that uses the connection.
  using Log = std::function<void(std::string_view)>;

  /// Connects, and checks that the server suits. Blocks. Throws StoreFailure (kUnavailable, or kSchema for a database
  /// that cannot serve).
  PgConnection(const ConnectionString& where, const PgDeadlines& deadlines, const Clock& clock, const Log& log);
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  void put(const Sql& sql, std::initializer_list<Param> params);
  /// A statement that is not worth preparing. `text` has no parameters.
  void put(const char* text);
  /// Ends what fails together: behind a failure, the server takes up its work here.
  void end_segment();
  /// Sends what is queued without waiting.
  void send();

  /// Puts a statement and waits for its answer, and for all before it.
  [[nodiscard]] PgResult get(const Sql& sql, std::initializer_list<Param> params);
  /// Waits for the answers to all but the last `leave` things that were put.
  void settle(std::size_t leave = 0);
  /// Runs several statements in the open transaction, for as long as they take.
  void script(const std::string& statements);

  [[nodiscard]] const std::optional<PgFailure>& failure() const { return failure_; }
  /// After a failure: reads past what the server ignores. The transaction, if one is open, is still to be rolled back.
  /// Throws when the connection is lost.
  void recover();

  /// Whether a transaction is open that takes nothing but its end. Known behind recover().
  [[nodiscard]] bool in_failed_transaction() const;

  /// How often this connection has waited for an answer.
  [[nodiscard]] std::uint64_t round_trips() const { return round_trips_; }

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  enum class Expected : std::uint8_t { kStatement, kPreparation, kEndOfSegment };
  struct Pending {
    Expected expected;
    std::size_t statement;  ///< Sql::number() of a preparation.
  };

  void set_up();
  /// Runs one statement outside pipeline mode; its first value, or nothing when it failed.
  std::optional<std::string> ask(const char* statement);
  void queue(const Sql& sql, std::initializer_list<Param> params);
  void request_answers();
  /// The next answer that is due; its failure is noted, not thrown.
  PgResult receive();
  pg_result* next_result();
  void wait_for_socket(bool also_writable, MonotonicTime deadline);
  void note(PgFailure failure);
  void throw_if_failed() const;
  [[noreturn]] void lose(std::string_view why);

  const Clock& clock_;
  Log log_;
  Duration patience_;
  PgDeadlines deadlines_;
  std::unique_ptr<pg_conn, Close> connection_;
  std::vector<bool> prepared_;  ///< By Sql::number().
  PgParameters parameters_;
  std::deque<Pending> pending_;
  std::optional<PgFailure> failure_;
  std::uint64_t round_trips_ = 0;
};

}  // namespace countersign::store
