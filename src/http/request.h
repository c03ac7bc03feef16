#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/time.h"

namespace countersign::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

/// `GET`, `POST`, ...; kOther is `OTHER`, never the client's own word, so that it can be a metric's label.
[[nodiscard]] std::string_view method_name(Method method);
/// Methods are case-sensitive (RFC 9110 section 9.1), so `get` is kOther.
[[nodiscard]] Method parse_method(std::string_view text);

/// One HTTP request, whole: the handler sees it after the last byte of the body.
///
/// What has been checked before a handler sees it: header names are tokens and values hold no control characters but
/// tab; HTTP/1.1 has exactly one Host; the path starts with `/` (or is `*` for OPTIONS), its and the query's escapes
/// are whole; the decoded path is UTF-8 without control characters; the body is within the limit. [API-4, API-8]
///
/// A plain value: it can be moved to another thread, and made by hand in tests. Views that it hands out live until it
/// is moved, changed or destroyed.
struct Request {
  Method method = Method::kGet;
  bool tls = false;        ///< The connection itself was TLS; says nothing about a proxy before us.
  std::string path = "/";  ///< Percent-encoded, as received, without the query.
  std::string query;       ///< What follows `?`, percent-encoded, as received.
  std::string body;
  /// The address of the socket's other end, the client or a proxy. Made from the socket's own bytes: a text would have
  /// to be read again, and what the system writes there (`fe80::1%eth0`) is not always an address.
  IpAddress peer;
  /// The client's own X-Request-Id where it matches [A-Za-z0-9._-]{1,64}, else made here. Also sent back.
  std::string id;
  WallTime received_at{};           ///< When the first byte was read.
  std::vector<std::string> params;  ///< The captures of the route's pattern in its order, percent-decoded, never empty.
  std::string_view route = "(none)";  ///< The matched route's name; lives as long as the router.
  std::string_view pattern{};         ///< Its pattern, `/v1/transactions/{id}`; empty where nothing matched.
  std::string object;  ///< What `{id}` or `{sid}` of the route captured, the last of them, if it is written as an id.

  /// The value of the first header of that name, which the caller writes in lower case; without surrounding space.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view lower_case_name) const;
  /// How often the header came. Whoever reads a header that decides something (Authorization, Idempotency-Key, ...)
  /// refuses more than one: the next reader along the way might take another of them.
  [[nodiscard]] std::size_t header_count(std::string_view lower_case_name) const;
  [[nodiscard]] std::vector<std::string_view> header_values(std::string_view lower_case_name) const;

  /// The first value of a query parameter, decoded (`+` is a space). All of them: parse_form(query), http/form.h.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;

  void add_header(std::string_view name, std::string_view value);

  /// The raw head with where its headers lie (names already in lower case). For the parser.
  struct HeaderSpan {
    std::uint32_t name_at, name_size, value_at, value_size;
  };
  void adopt_head(std::string head, std::vector<HeaderSpan> headers);

 private:
  [[nodiscard]] std::string_view name_of(const HeaderSpan& span) const;
  [[nodiscard]] std::string_view value_of(const HeaderSpan& span) const;

  std::string head_;
  std::vector<HeaderSpan> headers_;
};

}  // namespace countersign::http
