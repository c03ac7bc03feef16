#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace countersign::testing {

/// What a server answered.
struct HttpAnswer {
  int status = 0;                                            ///< 0: the connection broke.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;

  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  [[nodiscard]] json::object json() const;                      ///< The body; empty when it is no object.
  [[nodiscard]] std::string text(std::string_view name) const;  ///< A member of the body; empty when it is not there.
};

/// A client that blocks, over one connection that is kept open: what a thread of a test needs to be one of many
/// callers. Opens the connection when it is first needed, and once more where the server has closed it. Not
/// thread-safe.
class HttpCaller {
 public:
  /// `url` is http://IPv4:port; `bearer` may be empty.
  HttpCaller(std::string_view url, std::string bearer);
  ~HttpCaller();
  HttpCaller(const HttpCaller&) = delete;
  HttpCaller& operator=(const HttpCaller&) = delete;

  using Headers = std::vector<std::pair<std::string, std::string>>;
  HttpAnswer get(std::string_view path) { return call("GET", path, "", {}); }
  /// A JSON body, unless it is empty.
  HttpAnswer post(std::string_view path, std::string_view body = "", const Headers& headers = {}) {
    return call("POST", path, body, headers);
  }
  /// A `Host` among the headers stands in place of the URL's.
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
