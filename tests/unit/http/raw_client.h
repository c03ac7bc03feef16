#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace countersign::http::testing {

struct RawResponse {
  int status = 0;  ///< 0: the connection ended before a response was whole.
  std::map<std::string, std::string> headers{};
  std::string body{};
};

/// A client that sends exactly the bytes it is given. Blocking; a wait of ten seconds fails the reading, so that a
/// server that never answers fails its test.
class RawClient {
 public:
  /// `receive_buffer` other than 0 bounds the kernel's, for a reader that is meant to be slow.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;

  /// False once the server no longer takes bytes.
  bool send(std::string_view bytes) const;
  void finish_sending() const;

  /// The next response; `without_body` for the answer to HEAD and for interim answers.
  RawResponse read_response(bool without_body = false);
  RawResponse ask(std::string_view request);
  /// Everything up to the server's end of the connection.
  std::string read_to_end();
  /// True when the server closes in order (no reset), without another byte.
  bool is_closed() { return read_to_end().empty() && !failed_; }

  /// Gone without a goodbye: the server sees a reset.
  void abort();
  [[nodiscard]] int descriptor() const { return socket_; }

 private:
  bool receive();

  int socket_ = -1;
  std::string received_;
  bool failed_ = false;  ///< Reset, or ten seconds without a byte.
};

}  // namespace countersign::http::testing
