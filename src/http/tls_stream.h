#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace countersign::http {

/// The server's side of one TLS connection as a function from bytes to bytes: no socket, so no thread and no waiting.
class TlsStream {
 public:
  enum class Status : std::uint8_t {
    kOpen,
    kClosed,  ///< The client said that it will send no more.
    kFailed,  ///< Not TLS, or broken; what is in `wire` (an alert) is still worth sending.
  };

  explicit TlsStream(ssl_ctx_st* context);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// Takes what came from the network. Appends what it says to `plain`, and what must be sent back to `wire`.
  Status receive(std::string_view bytes, std::string& plain, std::string& wire);
  /// Appends `plain` encrypted to `wire`. The handshake is done: there was a request.
  Status send(std::string_view plain, std::string& wire);
  /// Appends the goodbye, without which the client cannot tell the end from a cut.
  void close(std::string& wire);

  [[nodiscard]] bool established() const;

 private:
  void collect(std::string& wire);

  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

}  // namespace countersign::http
