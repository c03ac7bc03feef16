#include "support/doubles/smtp_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

namespace countersign::testing {

namespace {

/// A line without its end; nullopt at the end of the connection.
class Lines {
 public:
  explicit Lines(int socket) : socket_(socket) {}

  std::optional<std::string> next() {
    for (;;) {
      if (const auto end = buffer_.find("\r\n"); end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return line;
      }
      char bytes[4096];
      const auto size = ::recv(socket_, &bytes[0], sizeof bytes, 0);
      if (size <= 0) return std::nullopt;
      buffer_.append(&bytes[0], static_cast<std::size_t>(size));
    }
  }

 private:
  int socket_;
  std::string buffer_;
};

std::string in_brackets(std::string_view command) {
  const auto open = command.find('<');
  return std::string(command.substr(open + 1, command.find('>') - open - 1));
}

bool say(int socket, std::string text) {
  text += "\r\n";
  return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

}  // namespace

SmtpServer::SmtpServer(Script script)
    : script_(std::move(script)), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CS_CHECK(::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  CS_CHECK(::listen(listening_, 64) == 0);
  CS_CHECK(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_loop(); });
}

SmtpServer::~SmtpServer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ::shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  close_connections();
  for (auto& connection : connections_) {
    connection.thread.join();
    ::close(connection.socket);
  }
  ::close(listening_);
}

void SmtpServer::close_connections() {
  const std::lock_guard lock(mutex_);
  for (const auto& connection : connections_) ::shutdown(connection.socket, SHUT_RDWR);
}

std::vector<TakenMail> SmtpServer::mails() const {
  const std::lock_guard lock(mutex_);
  return mails_;
}

std::size_t SmtpServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

void SmtpServer::accept_loop() {
  for (;;) {
    const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (socket < 0 || ending_) {
      if (socket >= 0) ::close(socket);
      return;
    }
    const std::size_t number = connections_.size();
    auto& connection = connections_.emplace_back(Connection{socket, number, {}});
    connection.thread = std::thread([this, socket, number] { serve(socket, number); });
  }
}

std::string SmtpServer::usual_answer(std::string_view command) const {
  if (command.empty()) return "220 mx.test ESMTP";
  if (command.starts_with("EHLO")) return "250-mx.test\r\n250-AUTH PLAIN\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES";
  if (command.starts_with("AUTH")) return "235 2.7.0 signed in";
  if (command.starts_with("DATA")) return "354 go on";
  if (command.starts_with("QUIT")) return "221 2.0.0 bye";
  return "250 2.0.0 ok";
}

void SmtpServer::serve(int socket, std::size_t number) {
  Lines lines(socket);
  const auto answer_to = [&](std::string_view command) {
    const auto scripted = script_ ? script_(command) : std::nullopt;
    return scripted.value_or(usual_answer(command));
  };
  const auto answer = [&](std::string_view command) -> std::optional<std::string> {
    std::string text = answer_to(command);
    if (text.empty() || !say(socket, text)) return std::nullopt;
    return text;
  };
  TakenMail mail{{}, {}, {}, number};
  bool open = answer("").has_value();
  while (open) {
    const auto command = lines.next();
    if (!command) break;
    if (command->starts_with("MAIL")) mail = {in_brackets(*command), {}, {}, number};
    const auto said = answer(*command);
    open = said.has_value() && !command->starts_with("QUIT");
    if (open && command->starts_with("RCPT") && said->starts_with('2'))
      mail.recipients.push_back(in_brackets(*command));
    if (!open || *command != "DATA" || !said->starts_with('3')) continue;
    for (auto line = lines.next(); line && *line != "."; line = lines.next())
      mail.content += (line->starts_with('.') ? line->substr(1) : *line) + "\r\n";
    const std::string verdict = answer_to(".");
    if (verdict.starts_with('2')) {  // Before the client can know.
      const std::lock_guard lock(mutex_);
      mails_.push_back(mail);
    }
    open = !verdict.empty() && say(socket, verdict);
  }
  ::shutdown(socket, SHUT_RDWR);
}

}  // namespace countersign::testing
