#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <unordered_map>

#include "bench/server/codes.h"

namespace countersign::bench {

/// A carrier of codes and an application's receiver of webhooks, on one port of loopback: accepts everything at once.
/// It speaks the wire format of docs/http-hook.md on `/codes` and puts the codes on the board; every other path counts
/// as a webhook. One thread with one epoll, in this process, so its time is the client's.
class Receiver {
 public:
  explicit Receiver(CodeBoard& board);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint64_t codes() const { return codes_.load(); }
  [[nodiscard]] std::uint64_t webhooks() const { return webhooks_.load(); }

 private:
  void run();
  void accept_one();
  void receive(int socket);
  /// False if what has arrived is no complete request yet.
  bool answer_first(int socket, std::string& received);
  std::string answer_to(std::string_view path, std::string_view body);

  CodeBoard& board_;
  int listening_ = -1;
  int epoll_ = -1;
  int stop_ = -1;  ///< An eventfd.
  std::uint16_t port_ = 0;
  std::unordered_map<int, std::string> received_;  ///< By connection; used by the thread alone.
  std::atomic<std::uint64_t> codes_ = 0;
  std::atomic<std::uint64_t> webhooks_ = 0;
  std::thread thread_;
};

}  // namespace countersign::bench
