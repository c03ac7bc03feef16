#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/load/load_generator.h"
#include "bench/server/codes.h"
#include "bench/server/server_process.h"

namespace countersign::bench {

/// The results of one phase of load.
struct Phase {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double server_cpu_us = 0;                     ///< Per request.
  std::map<std::string, double> thread_cpu_us;  ///< The same per server thread.
  double client_cpu_us = 0;                     ///< The load generator's share of the same two cores.
  std::uint64_t requests = 0;
  std::uint64_t checks = 0;  ///< Of these, codes that were checked.
  std::uint64_t wrong = 0;   ///< Unexpected answers, and broken connections.
};

/// The calls of many applications' back ends to one server, phase after phase. Every answer is checked. Transactions
/// left by one phase are the input of the next.
class Traffic {
 public:
  Traffic(ServerAddress server, CodeBoard& board, std::string api_key);

  using Milliseconds = std::chrono::milliseconds;

  /// A constant answer: the cost of HTTP alone.
  Phase hello(int connections, Milliseconds duration);
  /// New transactions, each of another person with another phone.
  Phase hold(int connections, Milliseconds duration);
  /// Starts verifications for held transactions.
  Phase create(int connections, Milliseconds duration);
  /// Checks the codes of started verifications.
  Phase check(int connections, Milliseconds duration);
  /// Each connection alternately starts a verification and checks the code of its previous one.
  Phase pair(int connections, Milliseconds duration);
  /// The same number of requests as `pairs` pairs have, where codes take their time to arrive: each connection checks
  /// its oldest code if it has one, and starts a verification otherwise. `settle` waits for what the server still does
  /// afterwards, which counts as the server's time.
  Phase road(int connections, std::size_t pairs, const std::function<void()>& settle);
  /// The same with the Verify-compatible API: a standalone code, then its check. Each to a new number, or to one that
  /// was verified before, as for nearly all who sign in.
  enum class Numbers { kNew, kKnown };
  Phase verify_pair(int connections, Milliseconds duration, Numbers numbers);
  /// Claims a verified transaction, then acknowledges the claim.
  Phase release(int connections, Milliseconds duration);
  /// Loads the hosted page of a held transaction, like a browser.
  Phase page(int connections, Milliseconds duration);

  /// Held transactions not used by a phase yet.
  [[nodiscard]] std::size_t held() const { return held_.size(); }
  /// Of all phases.
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }

 private:
  struct Transaction {
    std::string id;
    std::uint32_t person = 0;
    std::string fencing_token = {};
  };
  enum class Kind { kHello, kHold, kCreate, kCheck, kVerifyServices, kVerify, kVerifyCheck, kClaim, kAck, kPage };
  /// One connection's request in flight, and its state between requests.
  struct Lane {
    Kind kind = Kind::kHello;
    Transaction transaction;
    std::string bytes;
    std::deque<Transaction> started;  ///< By this connection, in a pair phase.
    std::deque<std::uint32_t> sent;   ///< The same in a phase of the Verify-compatible API.
    std::optional<Transaction> claimed;
    Kind last = Kind::kCheck;
  };

  using Choose = void (Traffic::*)(Lane&);
  Phase run(int connections, Milliseconds duration, std::uint64_t requests, Choose choose,
            const std::function<void()>& settle = {});

  void choose_hello(Lane& lane);
  void choose_hold(Lane& lane);
  void choose_create(Lane& lane);
  void choose_check(Lane& lane);
  void choose_of_pair(Lane& lane);
  void choose_of_road(Lane& lane);
  void choose_verify_services(Lane& lane);
  void choose_of_verify_pair(Lane& lane);
  [[nodiscard]] std::uint32_t next_to_verify();
  void choose_of_release(Lane& lane);
  void choose_page(Lane& lane);
  void post(Lane& lane, std::string_view path, std::string_view body, std::string_view more_headers = {});
  void post_form(Lane& lane, std::string_view path, std::string_view body) const;

  void on_response(Lane& lane, int status, std::string_view body);
  [[nodiscard]] bool accept(Lane& lane, int status, std::string_view body);

  const ServerAddress server_;
  CodeBoard& board_;
  std::string api_key_;
  std::string basic_;           ///< The same key, in the form of the Verify-compatible API's clients.
  std::string verify_service_;  ///< The path of the service there.
  Numbers numbers_ = Numbers::kNew;
  std::deque<std::uint32_t> known_;  ///< Numbers that were verified there and are idle.
  std::uint32_t next_person_ = 0;
  std::vector<Lane> lanes_;
  std::string page_path_;  ///< Of the most recently held transaction.
  std::deque<Transaction> held_;
  std::deque<Transaction> started_;
  std::deque<Transaction> verified_;
  std::uint64_t checks_ = 0;
  std::uint64_t wrong_ = 0;
};

}  // namespace countersign::bench
