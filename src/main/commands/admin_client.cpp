#include "main/commands/admin_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "base/ascii.h"
#include "base/number.h"
#include "base/time.h"

namespace countersign::main {

namespace {

constexpr auto kAnswerWithin = std::chrono::seconds(20);  // Longer than the timeout of the server's store.
constexpr std::size_t kAnswerHeadMax = std::size_t{64} * 1024;

struct HttpAnswer {
  unsigned status;
  std::string_view body;
};

/// The answer, if all of it has come. Our own server gives every answer a length.
std::optional<HttpAnswer> whole_answer(std::string_view received) {
  constexpr std::string_view kVersion11 = "HTTP/1.1 ";
  constexpr std::string_view kEndOfHead = "\r\n\r\n";
  const auto end = received.find(kEndOfHead);
  if (end == std::string_view::npos || !received.starts_with(kVersion11)) return std::nullopt;
  const auto status = parse_number<unsigned>(received.substr(kVersion11.size(), 3));
  std::optional<std::size_t> length;
  for (const auto line : split_words(received.substr(0, end), "\r\n")) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !equals_ignoring_case(line.substr(0, colon), "content-length")) continue;
    length = parse_number<std::size_t>(trim_blanks(line.substr(colon + 1)));
  }
  const auto body = received.substr(end + kEndOfHead.size());
  if (!status || !length || body.size() < *length) return std::nullopt;
  return HttpAnswer{*status, body.substr(0, *length)};
}

/// One request and its answer. Errors are words for the operator.
class Exchange {
 public:
  explicit Exchange(Descriptor connection) : connection_(std::move(connection)) {}

  Result<Done, std::string> send(std::string_view request) {
    while (!request.empty()) {
      if (auto ready = wait_for(POLLOUT); !ready) return ready;
      const auto sent = ::send(connection_.number(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        request.remove_prefix(static_cast<std::size_t>(sent));
      } else if (!is_passing(errno)) {
        return fail(words_of(errno));
      }
    }
    return Done{};
  }

  /// What the views of the answer point into is this object's.
  Result<HttpAnswer, std::string> receive() {
    std::string part(std::size_t{64} * 1024, '\0');
    while (received_.size() <= kAdminAnswerMax + kAnswerHeadMax) {
      if (auto ready = wait_for(POLLIN); !ready) return fail(ready.error());
      const auto got = ::recv(connection_.number(), part.data(), part.size(), MSG_DONTWAIT);
      if (got < 0 && !is_passing(errno)) return fail(words_of(errno));
      if (got == 0) return fail(std::string("it closed the connection"));
      if (got < 0) continue;
      received_.append(part, 0, static_cast<std::size_t>(got));
      if (const auto answer = whole_answer(received_)) return *answer;
    }
    return fail(std::string("its answer is too long"));
  }

 private:
  static std::string words_of(int error) { return std::generic_category().message(error); }
  static bool is_passing(int error) { return error == EINTR || error == EAGAIN; }

  Result<Done, std::string> wait_for(short event) {
    while (true) {
      const auto left = end_ - system_clock().monotonic();
      if (left.count() <= 0) return fail(std::string("it took too long"));
      pollfd socket{connection_.number(), event, 0};
      const int ready =
          ::poll(&socket, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
      if (ready > 0) return Done{};
      if (ready < 0 && errno != EINTR) return fail(words_of(errno));
    }
  }

  Descriptor connection_;
  const MonotonicTime end_ = system_clock().monotonic() + kAnswerWithin;
  std::string received_;
};

AdminAnswer read_answer(const HttpAnswer& answer) {
  auto value = parse_json(answer.body);
  const bool readable = value && value->is_object();
  if (answer.status == 200 && readable) return std::move(value->get_object());
  const auto said = readable ? json_text(value->get_object(), "error") : std::nullopt;
  if (said) return fail(std::string(*said));
  return fail(fmt::format("the server answered {}; its log may say more", answer.status));
}

}  // namespace

AdminAnswer ask_server(Descriptor connection, const AdminCall& call) {
  const std::string body = canonical_json(call.arguments);
  Exchange exchange(std::move(connection));
  // A server that closes early may have answered before.
  const auto sent = exchange.send(
      fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
                  "Connection: close\r\n\r\n{}",
                  admin_path(call.operation), body.size(), body));
  const auto answer = exchange.receive();
  if (!answer) {
    return fail(fmt::format("the server has not answered ({}); it may have done it: look before you repeat it",
                            sent ? answer.error() : sent.error()));
  }
  return read_answer(*answer);
}

}  // namespace countersign::main
