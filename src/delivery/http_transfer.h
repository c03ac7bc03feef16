#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

#include "delivery/http_queue.h"

namespace countersign::delivery {

/// The parts of a URL for queue and guard, from the same parser that sends the request.
struct Target {
  std::string host_and_port;
  std::string host;
};
[[nodiscard]] Result<Target, HttpError> read_target(const std::string& url, PlainHttp plain_http);

struct EasyDelete {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
/// A handle of libcurl, which costs several times what setting its options does: one is used for call after call.
using EasyHandle = std::unique_ptr<CURL, EasyDelete>;

/// One call in libcurl: its handle, what is sent, and what was received so far.
class HttpTransfer {
 public:
  /// `easy` has no options of an earlier call; null: a new one is made.
  HttpTransfer(WaitingCall waiting, EasyHandle easy, const HttpClientOptions& options, const Clock& clock);
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  /// Sets up the handle; returns an error if the call is invalid.
  [[nodiscard]] std::optional<HttpError> prepare();

  [[nodiscard]] CURL* handle() const { return easy_.get(); }
  [[nodiscard]] const std::string& host() const { return waiting_.host; }

  /// The handle, with nothing of this call left in it. The last call to this object.
  [[nodiscard]] EasyHandle take_handle();

  /// Whether the peer may have received part of the request.
  [[nodiscard]] bool request_left() const;

  /// Calls `done`, once, as the last step.
  void finish(CURLcode code);
  void finish(HttpError error);

 private:
  struct ListDelete {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  static std::size_t on_read(char* out, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_connected(void* self, char* remote_ip, char* local_ip, int remote_port, int local_port);

  template <class Value>
  void set(CURLoption option, Value value);
  [[nodiscard]] bool set_headers();
  void set_request();
  void set_limits();
  void set_security();
  [[nodiscard]] bool guarded() const;
  [[nodiscard]] HttpError error_of(CURLcode code) const;

  WaitingCall waiting_;
  const HttpClientOptions& options_;
  const Clock& clock_;
  MonotonicTime started_;
  EasyHandle easy_;
  std::unique_ptr<curl_slist, ListDelete> list_;
  char message_[CURL_ERROR_SIZE] = {};
  std::size_t sent_ = 0;
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  bool address_refused_ = false;
  bool address_tried_ = false;
  HttpAnswer answer_;
};

}  // namespace countersign::delivery
