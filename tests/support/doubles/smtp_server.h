#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace countersign::testing {

struct TakenMail {
  std::string from;                     ///< As in MAIL FROM, without brackets and parameters.
  std::vector<std::string> recipients;  ///< Likewise.
  std::string content;                  ///< Dot-unstuffed.
  std::size_t connection;               ///< The connection's number, from 0.
};

/// A small mail server on 127.0.0.1 without TLS, one thread for each connection, for answers that a real one gives only
/// on bad days.
class SmtpServer {
 public:
  /// The answer to a command, `\r\n` excluded: `EHLO x`, `MAIL FROM:<…>`, `.` for the end of a mail, empty for the
  /// greeting. nullopt: the usual one; an empty text: the connection is closed. Runs on the connections' threads.
  using Script = std::function<std::optional<std::string>(std::string_view command)>;

  explicit SmtpServer(Script script = {});
  ~SmtpServer();
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::vector<TakenMail> mails() const;
  [[nodiscard]] std::size_t connections() const;
  /// Closes every open connection, as a server does that is restarted.
  void close_connections();

 private:
  struct Connection {
    int socket;
    std::size_t number;
    std::thread thread;
  };

  void accept_loop();
  void serve(int socket, std::size_t number);
  [[nodiscard]] std::string usual_answer(std::string_view command) const;

  Script script_;
  int listening_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::list<Connection> connections_;
  std::vector<TakenMail> mails_;
  bool ending_ = false;
  std::thread accepting_;
};

}  // namespace countersign::testing
