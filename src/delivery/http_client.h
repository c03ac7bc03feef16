#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace countersign::delivery {

/// Which addresses a call may connect to. Checked on the address itself, after name resolution and again for a reused
/// connection, so that a name cannot resolve to 127.0.0.1. [HOOK-8]
enum class AddressPolicy {
  kPublicOnly,  ///< For URLs from customers: webhooks and hooks.
  kAny,         ///< For URLs from the operator's own configuration.
};

/// Whether `http:` URLs are accepted beside `https:`. For development and for test doubles on loopback.
enum class PlainHttp { kRefused, kAllowed };

struct BasicAuth {
  std::string user;
  SecretString password;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One request. Certificates are always verified; redirects are never followed.
struct HttpCall {
  std::string method = "GET";
  std::string url;  ///< Absolute, without user and password.
  HttpHeaders headers;
  std::string body;  ///< Wiped after the call. Sent at most once, whatever happens to the connection.
  std::optional<BasicAuth> auth;
  std::chrono::milliseconds connect_timeout{5'000};  ///< Name resolution, TCP and TLS.
  std::chrono::milliseconds total_timeout{15'000};   ///< From the start of the transfer to the last byte.
  std::chrono::milliseconds slot_timeout{15'000};    ///< Before that, for a free slot; then kOverloaded.
  std::size_t response_max = 64 * 1024;              ///< Bytes of response body; more is kTooLarge.
  AddressPolicy addresses = AddressPolicy::kPublicOnly;
  PlainHttp plain_http = PlainHttp::kRefused;
};

struct HttpAnswer {
  int status = 0;
  HttpHeaders headers;  ///< Names in lower case, in the order received.
  std::string body;
  Duration duration{};  ///< From the start of the transfer; excludes waiting for a free slot.

  /// The first header with that (lower-case) name.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

enum class HttpFault {
  kTimeout,         ///< connect_timeout or total_timeout passed.
  kConnect,         ///< No connection, or it broke before the answer was complete.
  kResolve,         ///< The name has no address.
  kTls,             ///< Handshake or certificate refused.
  kRefusedAddress,  ///< Every address of the name is outside the call's AddressPolicy.
  kTooLarge,        ///< The answer is larger than response_max, or has more than 64 KiB of headers.
  kOverloaded,      ///< Too many calls are waiting, in total or for this host, or no slot became free in time.
  kShutDown,        ///< stop() was called first.
  kOther,           ///< The call itself is invalid (URL, scheme, header), or the answer is not HTTP.
};
[[nodiscard]] std::string_view name_of(HttpFault fault);

struct HttpError {
  HttpFault fault;
  std::string detail;  ///< For the log; contains no header, body or password of the call.
  bool maybe_sent;     ///< The peer may have received the request and acted on it.
};

using HttpResult = Result<HttpAnswer, HttpError>;
using HttpDone = std::move_only_function<void(HttpResult)>;

struct HttpClientOptions {
  std::size_t concurrent_max = 64;           ///< Concurrent transfers.
  std::size_t concurrent_per_host_max = 16;  ///< Of these, to one host and port, so that a slow one cannot use all.
  std::size_t waiting_max = 10'000;          ///< Calls waiting for a slot; further ones get kOverloaded.
  std::size_t waiting_per_host_max = 4'000;  ///< Of these, for one host and port.
  /// A connection that was idle for longer is not reused. If the peer closes it at the same moment, the call is lost.
  std::chrono::seconds idle_max{118};
  std::string ca_bundle = {};  ///< PEM file that replaces the system's authorities; empty: use the system's.
  std::string proxy = {};      ///< URL; empty: none. The environment's proxy variables are never read.
                               ///< Behind a proxy only literal addresses are guarded: it resolves names.
  std::string user_agent = "countersign";
};

/// State of the client, for the metrics.
struct HttpClientLoad {
  std::size_t running;
  std::size_t waiting;
};

/// All outbound HTTP: one thread, one libcurl multi loop. HTTP/1.1 with keep-alive.
///
/// send(), load() and stop() are thread-safe. Hosts with waiting calls take turns.
class HttpClient {
 public:
  /// `clock` measures waiting and transfer times and outlives the client.
  HttpClient(HttpClientOptions options, const Clock& clock);
  /// Like stop(0).
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// `done` runs exactly once, on the client's thread (after stop(): on the caller's). It must not throw or block, and
  /// may call send().
  void send(HttpCall call, HttpDone done);

  /// Accepts no new calls, waits up to `drain` for accepted ones, answers the rest with kShutDown and joins the thread.
  /// Do not call it from a `done`. Calling it again does nothing.
  void stop(std::chrono::milliseconds drain);

  [[nodiscard]] HttpClientLoad load() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

/// The pairs as `application/x-www-form-urlencoded`, in their order.
[[nodiscard]] std::string form_encode(const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace countersign::delivery
