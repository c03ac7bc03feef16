#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace countersign::http {

/// The server side of one TLS connection as a function from bytes to bytes: no socket, so no threads and no blocking.
class TlsStream {
 public:
  enum class Status : std::uint8_t {
    kOpen,
    kClosed,  ///< The client will send no more (close_notify).
    kFailed,  ///< Not TLS, or broken; `wire` may hold an alert to send.
  };

  explicit TlsStream(ssl_ctx_st* context);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// Processes received bytes. Appends decrypted data to `plain`, and bytes to send back to `wire`.
  Status receive(std::string_view bytes, std::string& plain, std::string& wire);
  /// Appends `plain` encrypted to `wire`. Call after the handshake.
  Status send(std::string_view plain, std::string& wire);
  /// Appends close_notify, without which the client cannot distinguish the end from a truncation.
  void close(std::string& wire);

  [[nodiscard]] bool established() const;

 private:
  void collect(std::string& wire);

  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

}  // namespace countersign::http
