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
#include "store/postgres/pooling.h"
#include "store/postgres/result.h"
#include "store/sql.h"

namespace countersign::store::postgres {

/// Time-outs. Each also bounds what a server does for a client that has vanished.
struct Deadlines {
  Duration connect{3'000'000};     ///< To connect to one host; whole seconds, at least two.
  Duration statement{10'000'000};  ///< One statement.
  Duration lock{3'000'000};        ///< For a lock, including a node's turn.
  Duration idle{5'000'000};        ///< A transaction in which the client sends nothing.
};

/// One connection in pipeline mode, with its prepared statements. Used by one thread at a time.
///
/// put() only queues; it is sent together with the next statement whose answer is awaited, so that statements without
/// an awaited answer cost no round trip. Answers arrive in order. After a failure, the call that reads it and every
/// later one throws StoreFailure, until recover(): the server also ignores what follows a failure.
class Connection {
 public:
  /// Receives messages of the server. Called on the thread that uses the connection.
  using Log = std::function<void(std::string_view)>;

  /// Connects and checks that the server is suitable, and that its session stays ours (pooling.h). Blocks. Throws
  /// StoreFailure (kUnavailable, or kSchema for an unsuitable database).
  Connection(const ConnectionString& where, const Deadlines& deadlines, const Clock& clock, const Log& log);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// `owner`: whose it is, if it fails (failed_for).
  void put(const Sql& sql, std::initializer_list<Param> params, void* owner = nullptr);
  /// For a statement not worth preparing. `text` has no parameters.
  void put(const char* text, void* owner = nullptr);
  /// Outside of a transaction, at growing intervals: queues that the server forgets its plans, and makes them anew for
  /// tables of today's size. For empty tables all indexes are alike to it, and it keeps the plan that it happened to
  /// choose until statistics are there, a minute or more later.
  void plan_anew_if_grown();
  /// Ends a group that fails together: after a failure, the server resumes here.
  void end_segment();
  /// Sends the queue without waiting.
  void send();

  /// Queues a statement and waits for its answer and all earlier ones.
  [[nodiscard]] QueryResult get(const Sql& sql, std::initializer_list<Param> params);
  /// Queues a statement whose answer will come out of answer() with `asker`, which is not null.
  void ask(const Sql& sql, std::initializer_list<Param> params, void* asker);
  /// Sends the queue and asks for the answers to it: so many calls of answer() will have one. One round trip.
  [[nodiscard]] std::size_t request();
  struct Answer {
    void* asked_by;  ///< Null: nobody waits for it.
    QueryResult result;
  };
  /// Waits for the next answer.
  [[nodiscard]] Answer answer();

  /// Waits for all answers but the last `leave`.
  void settle(std::size_t leave = 0);
  /// Runs several statements in the open transaction, without a time-out.
  void script(const std::string& statements);

  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  /// Who put, or asked, the statement that failed last; null if nobody in particular.
  [[nodiscard]] const void* failed_for() const { return failed_for_; }
  /// After a failure: skips what the server ignores. An open transaction must still be rolled back. Throws if the
  /// connection is lost.
  void recover();

  /// Waits for all answers and forgets them, with their failures: nothing of what was queued is to last. Throws if the
  /// connection is lost.
  void skip_answers();

  /// Whether the open transaction accepts only its end. Known after recover().
  [[nodiscard]] bool in_failed_transaction() const;

  /// Number of waits for an answer.
  [[nodiscard]] std::uint64_t round_trips() const { return round_trips_; }

 private:
  enum class Expected : std::uint8_t { kStatement, kPreparation, kEndOfSegment, kAdvice };
  struct Pending {
    Expected expected;
    std::size_t statement;  ///< Sql::number() of a preparation.
    void* asker = nullptr;
    void* owner = nullptr;
  };

  /// So many statements run by the first plans; by the next ones as many as had run before.
  static constexpr std::uint64_t kFirstPlansUntil = 256;

  void set_up();
  /// Runs one statement outside pipeline mode; its first value, or nullopt if it failed.
  std::optional<std::string> ask(const char* statement);
  void queue(const Sql& sql, std::initializer_list<Param> params, void* asker, void* owner);
  void request_answers();
  /// The next expected answer; records its failure and does not throw.
  QueryResult receive();
  pg_result* next_result();
  void wait_for_socket(bool also_writable, MonotonicTime deadline);
  void note(Failure failure);
  void throw_if_failed() const;
  [[noreturn]] void lose(std::string_view why);

  const Clock& clock_;
  Log log_;
  Duration patience_;
  Deadlines deadlines_;
  OwnedConnection connection_;
  std::vector<bool> prepared_;  ///< By Sql::number().
  Parameters parameters_;
  std::deque<Pending> pending_;
  std::optional<Failure> failure_;
  const void* failed_for_ = nullptr;
  std::uint64_t round_trips_ = 0;
  std::uint64_t statements_ = 0;  ///< Queued since the connection was made.
  std::uint64_t plans_until_ = kFirstPlansUntil;
};

}  // namespace countersign::store::postgres
