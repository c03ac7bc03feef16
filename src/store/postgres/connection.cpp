#include "store/postgres/connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "store/dialect.h"
#include "store/placeholders.h"
#include "store/postgres/pooling.h"

namespace countersign::store::postgres {

namespace {

constexpr int kOldestServer = 130'000;  // As libpq counts: 13.0.
/// Beyond the server's own time-out, so that its answer is heard if there is one.
constexpr Duration kBeyondStatement = std::chrono::seconds(5);
/// What CREATE … IF NOT EXISTS says where there is nothing to do.
constexpr std::string_view kExistsAlready = "42P07";
constexpr Duration kScript = std::chrono::hours(6);

std::string name_of(std::size_t statement) { return fmt::format("s{}", statement); }

std::int64_t milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

/// Whether somebody has to change something before a connection can succeed. libpq tells it in words alone, and a
/// server in the words of its language; one that is not understood counts as away, which is worth another attempt.
bool is_denial(std::string_view why) {
  constexpr std::array<std::string_view, 7> kDenials{"authentication failed",  "no password supplied", "no pg_hba.conf",
                                                     "pg_hba.conf rejects",    "does not exist",       "certificate",
                                                     "not permitted to log in"};
  return std::ranges::any_of(kDenials, [&](std::string_view denial) { return why.find(denial) != why.npos; });
}

void forward_notice(void* log, const pg_result* result) {
  const auto& function = *static_cast<const Connection::Log*>(log);
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const bool expected = state != nullptr && state == kExistsAlready;
  if (function && !expected) function(notice_of(result));
}

pg_conn* connect(const ConnectionString& where, Duration timeout) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  // What the string says comes later, and wins.
  const std::string seconds = std::to_string(std::max<std::int64_t>(2, milliseconds(timeout) / 1000));
  const auto add = [&](const char* keyword, const char* value) {
    keywords.push_back(keyword);
    values.push_back(value);
  };
  add("connect_timeout", seconds.c_str());
  add("keepalives_idle", "10");
  add("keepalives_interval", "5");
  add("keepalives_count", "3");
  add("tcp_user_timeout", "15000");
  for (const auto& parameter : where.parameters()) add(parameter.keyword.c_str(), parameter.value.expose().c_str());
  add(nullptr, nullptr);
  return PQconnectdbParams(keywords.data(), values.data(), 0);
}

}  // namespace

Connection::Connection(const ConnectionString& where, const Deadlines& deadlines, const Clock& clock, const Log& log)
    : clock_(clock),
      log_(log),
      patience_(deadlines.statement + kBeyondStatement),
      deadlines_(deadlines),
      connection_(connect(where, deadlines.connect)) {
  if (connection_ == nullptr) throw StoreFailure({StoreError::Code::kUnavailable, "no memory for a connection"});
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    const std::string why = on_one_line(PQerrorMessage(connection_.get()));
    throw StoreFailure({is_denial(why) ? StoreError::Code::kDenied : StoreError::Code::kUnavailable,
                        fmt::format("PostgreSQL: {}", why)});
  }
  PQsetNoticeReceiver(connection_.get(), forward_notice, &log_);
  const auto owner =
      session_owner(*connection_, [&] { return OwnedConnection(connect(where, deadlines.connect)); }, clock_);
  if (owner == SessionOwner::kUnknown) lose("whether a pooler gives sessions away could not be found out in time");
  if (owner == SessionOwner::kShared) {
    throw StoreFailure({StoreError::Code::kSchema,
                        "between this server and PostgreSQL a connection pooler gives sessions away between "
                        "transactions; set pool_mode = session in PgBouncer, or connect without it"});
  }
  set_up();
  if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1) {
    lose("pipeline mode was refused");
  }
}

void Connection::set_up() {
  const auto need = [&](const std::string& statement) {
    if (!ask(statement.c_str())) lose("a session could not be set up");
  };
  if (PQserverVersion(connection_.get()) < kOldestServer) {
    throw StoreFailure({StoreError::Code::kSchema, "this PostgreSQL is older than 13, the oldest that serves"});
  }
  const char* const encoding = PQparameterStatus(connection_.get(), "server_encoding");
  if (encoding != nullptr && std::string_view(encoding) != "UTF8") {
    throw StoreFailure({StoreError::Code::kSchema,
                        fmt::format("the database's encoding is {}; it must be UTF8 (CREATE DATABASE … ENCODING "
                                    "'UTF8' TEMPLATE template0)",
                                    encoding)});
  }
  need("SET default_transaction_isolation = 'read committed'");
  need(fmt::format("SET statement_timeout = {}", milliseconds(deadlines_.statement)));
  need(fmt::format("SET lock_timeout = {}", milliseconds(deadlines_.lock)));
  need(fmt::format("SET idle_in_transaction_session_timeout = {}", milliseconds(deadlines_.idle)));
  // An answer means that the commit is on disk, whatever the server's default is. Stronger settings stay.
  if (ask("SHOW synchronous_commit") == "off") need("SET synchronous_commit = on");
  // So that the locks of a node whose machine has vanished are freed. Not every server has these.
  ask("SET tcp_keepalives_idle = 10");
  ask("SET tcp_keepalives_interval = 5");
  ask("SET tcp_keepalives_count = 3");
}

std::optional<std::string> Connection::ask(const char* statement) {
  const QueryResult result(PQexec(connection_.get(), statement));
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK) return std::string();
  if (status != PGRES_TUPLES_OK || row_count(result.get()) == 0) return std::nullopt;
  return std::string(PQgetvalue(result.get(), 0, 0));
}

void Connection::put(const Sql& sql, std::initializer_list<Param> params, void* owner) {
  queue(sql, params, nullptr, owner);
}

void Connection::put(const char* text, void* owner) {
  throw_if_failed();
  if (PQsendQueryParams(connection_.get(), text, 0, nullptr, nullptr, nullptr, nullptr, kBinary) != 1) {
    lose("a statement could not be sent");
  }
  pending_.push_back({Expected::kStatement, 0, nullptr, owner});
}

void Connection::ask(const Sql& sql, std::initializer_list<Param> params, void* asker) {
  queue(sql, params, asker, asker);
}

void Connection::queue(const Sql& sql, std::initializer_list<Param> params, void* asker, void* owner) {
  throw_if_failed();
  parameters_.fill(params);
  const auto name = name_of(sql.number());
  if (sql.number() >= prepared_.size()) prepared_.resize(sql.number() + 1);
  if (!prepared_[sql.number()]) {
    // The types are those of the first use; one that was NULL then is told by the place where it is used.
    const auto named = render(sql, postgres_tokens());
    check_values(named, params);
    const auto text = with_numbers(named);
    if (PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), parameters_.count(), parameters_.types()) != 1) {
      lose("a statement could not be prepared");
    }
    pending_.push_back({Expected::kPreparation, sql.number()});
    prepared_[sql.number()] = true;
  }
  if (PQsendQueryPrepared(connection_.get(), name.c_str(), parameters_.count(), parameters_.values(),
                          parameters_.lengths(), parameters_.formats(), kBinary) != 1) {
    lose("a statement could not be sent");
  }
  pending_.push_back({Expected::kStatement, 0, asker, owner});
  ++statements_;
}

void Connection::plan_anew_if_grown() {
  if (statements_ < plans_until_) return;
  plans_until_ = 2 * statements_;
  throw_if_failed();
  if (PQsendQueryParams(connection_.get(), "DISCARD PLANS", 0, nullptr, nullptr, nullptr, nullptr, kBinary) != 1) {
    lose("a statement could not be sent");
  }
  pending_.push_back({Expected::kAdvice, 0});
  end_segment();
}

void Connection::end_segment() {
  if (PQpipelineSync(connection_.get()) != 1) lose("the end of a segment could not be sent");
  pending_.push_back({Expected::kEndOfSegment, 0});
}

void Connection::send() {
  if (PQflush(connection_.get()) < 0) lose("the connection was lost");
}

QueryResult Connection::get(const Sql& sql, std::initializer_list<Param> params) {
  queue(sql, params, nullptr, nullptr);
  request_answers();
  QueryResult result;
  while (!pending_.empty()) {
    result = receive();
    throw_if_failed();
  }
  return result;
}

void Connection::settle(std::size_t leave) {
  throw_if_failed();
  if (pending_.size() <= leave) return;
  request_answers();
  while (pending_.size() > leave) {
    receive();
    throw_if_failed();
  }
}

std::size_t Connection::request() {
  throw_if_failed();
  request_answers();
  return pending_.size();
}

Connection::Answer Connection::answer() {
  void* const asked_by = pending_.front().asker;
  QueryResult result = receive();
  throw_if_failed();
  return {asked_by, std::move(result)};
}

void Connection::request_answers() {
  ++round_trips_;
  if (PQsendFlushRequest(connection_.get()) != 1) lose("the connection was lost");
}

void Connection::script(const std::string& statements) {
  end_segment();
  settle();
  if (PQexitPipelineMode(connection_.get()) != 1) lose("pipeline mode could not be left");
  if (PQsendQuery(connection_.get(), statements.c_str()) != 1) lose("a script could not be sent");
  const Duration usual = std::exchange(patience_, kScript);
  std::optional<Failure> failure;
  while (const QueryResult result{next_result()}) {
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR && !failure) failure = failure_of(result.get());
  }
  patience_ = usual;
  if (PQenterPipelineMode(connection_.get()) != 1) lose("pipeline mode was refused");
  if (failure) {
    failed_for_ = nullptr;
    note(*std::move(failure));
  }
  throw_if_failed();
}

void Connection::recover() {
  if (!failure_) return;
  skip_answers();
}

void Connection::skip_answers() {
  if (!failure_ && pending_.empty()) return;
  if (failure_ && failure_->kind == Failure::Kind::kLost) throw_if_failed();
  failure_.reset();
  end_segment();
  request_answers();
  while (!pending_.empty()) {
    static_cast<void>(receive());
    if (failure_ && failure_->kind == Failure::Kind::kLost) throw_if_failed();
  }
  failure_.reset();
}

bool Connection::in_failed_transaction() const { return PQtransactionStatus(connection_.get()) == PQTRANS_INERROR; }

QueryResult Connection::receive() {
  const Pending pending = pending_.front();
  pending_.pop_front();
  QueryResult result(next_result());
  const auto status = PQresultStatus(result.get());
  if (pending.expected == Expected::kEndOfSegment) {
    if (status != PGRES_PIPELINE_SYNC) lose("the server's answers are out of step");
    return result;
  }
  while (const QueryResult end{next_result()}) {
  }
  // A database that does not know the advice does without.
  if (status == PGRES_FATAL_ERROR && pending.expected != Expected::kAdvice) {
    if (!failure_) failed_for_ = pending.owner;
    note(failure_of(result.get()));
  }
  if (pending.expected == Expected::kPreparation && status != PGRES_COMMAND_OK) prepared_[pending.statement] = false;
  return result;
}

pg_result* Connection::next_result() {
  const MonotonicTime deadline = clock_.monotonic() + patience_;
  while (PQisBusy(connection_.get()) == 1) {
    const int left = PQflush(connection_.get());
    if (left < 0) lose("the connection was lost");
    wait_for_socket(left == 1, deadline);
    if (PQconsumeInput(connection_.get()) != 1) lose("the connection was lost");
  }
  return PQgetResult(connection_.get());
}

void Connection::wait_for_socket(bool also_writable, MonotonicTime deadline) {
  const auto wanted = static_cast<short>(also_writable ? POLLIN | POLLOUT : POLLIN);
  pollfd socket{PQsocket(connection_.get()), wanted, 0};
  if (socket.fd < 0) lose("the connection was lost");
  const auto left = std::max<std::int64_t>(0, milliseconds(deadline - clock_.monotonic()));
  const int ready = ::poll(&socket, 1, static_cast<int>(left));
  if (ready == 0) lose("the server did not answer in time");
  if (ready < 0 && errno != EINTR) lose("the connection was lost");
}

void Connection::note(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
}

void Connection::throw_if_failed() const {
  if (failure_) throw StoreFailure(failure_->error);
}

void Connection::lose(std::string_view why) {
  failure_ = {Failure::Kind::kLost, {StoreError::Code::kUnavailable, fmt::format("PostgreSQL: {}", why)}};
  throw StoreFailure(failure_->error);
}

}  // namespace countersign::store::postgres
