#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "delivery/ports.h"

namespace countersign::delivery {

enum class SmtpTls {
  kStartTls,  ///< Connects in clear, and stops if the server does not take up TLS. Port 587. [RFC 3207]
  kImplicit,  ///< TLS from the first byte. Port 465. [RFC 8314, 3.3]
  kNone,      ///< For a relay on the same machine.
};

struct SmtpOptions {
  std::string host;
  int port = 587;
  SmtpTls tls = SmtpTls::kStartTls;
  std::string user;  ///< Empty: no sign-in.
  SecretString password;
  std::string helo;       ///< The name by which we greet: a host name of ours.
  std::string ca_bundle;  ///< PEM file that replaces the system's authorities; empty: use the system's.
  std::chrono::milliseconds timeout{10'000};  ///< For one mail, connecting and signing in included.
  std::size_t connections_max = 8;            ///< Each is a thread.
  std::size_t waiting_max = 1'000;            ///< Mails that wait for a connection; further ones are refused.
};

/// What a server gets for one mail.
struct SmtpMail {
  std::string return_path;  ///< Address for reports of failed deliveries.
  std::string to;
  std::string content;  ///< As write_mail makes it. Wiped after the call.
};

/// Hands mails to one server over connections that are kept, each by a thread that starts when it is needed first.
///
/// send() and stop() are thread-safe. Certificates are always verified. A mail is handed over at most once by a call,
/// and tried again at once only where a kept connection turned out to be dead before it left.
class SmtpClient {
 public:
  using Sent = std::move_only_function<void(Result<Done, ProviderError>)>;

  explicit SmtpClient(SmtpOptions options);
  /// Like stop().
  ~SmtpClient();
  SmtpClient(const SmtpClient&) = delete;
  SmtpClient& operator=(const SmtpClient&) = delete;

  /// `sent` runs exactly once, on a thread of the client or within this call; it must not throw or block.
  void send(SmtpMail mail, Sent sent);

  /// Ends the running calls, refuses the waiting ones, and waits for the threads. By one thread at a time.
  void stop();

 private:
  class Connection;
  struct Waiting {
    SmtpMail mail;
    Sent sent;
  };

  void run();
  [[nodiscard]] bool has_thread_for(std::size_t mails);
  [[nodiscard]] bool is_stopping() const { return stopping_.load(std::memory_order_relaxed); }

  const SmtpOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  std::atomic<bool> stopping_ = false;
};

}  // namespace countersign::delivery
