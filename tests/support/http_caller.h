#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace countersign::testing {

/// A server's answer.
struct HttpAnswer {
  int status = 0;                                            ///< 0: the connection broke.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;

  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  [[nodiscard]] json::object json() const;                      ///< The body; empty if it is not an object.
  [[nodiscard]] std::string text(std::string_view name) const;  ///< A member of the body; empty if it is absent.
};

/// A blocking client over one keep-alive connection, for test threads that act as one of many callers. Connects at the
/// first call, and again if the server has closed the connection. Not thread-safe.
class HttpCaller {
 public:
  /// `url` is http://IPv4:port; `bearer` may be empty.
  HttpCaller(std::string_view url, std::string bearer);
  ~HttpCaller();
  HttpCaller(const HttpCaller&) = delete;
  HttpCaller& operator=(const HttpCaller&) = delete;

  using Headers = std::vector<std::pair<std::string, std::string>>;
  HttpAnswer get(std::string_view path) { return call("GET", path, "", {}); }
  /// With a JSON body, unless it is empty.
  HttpAnswer post(std::string_view path, std::string_view body = "", const Headers& headers = {}) {
    return call("POST", path, body, headers);
  }
  /// A `Host` in the headers replaces the URL's.
  HttpAnswer call(std::string_view method, std::string_view path, std::string_view body, const Headers& headers);

  /// Connects now, so that threads that start together also arrive together.
  bool connect();

 private:
  bool send_all(std::string_view text) const;
  bool receive();
  HttpAnswer read_answer();
  void close();

  std::string address_;
  int port_ = 0;
  std::string bearer_;
  int socket_ = -1;
  std::string received_;
};

}  // namespace countersign::testing
