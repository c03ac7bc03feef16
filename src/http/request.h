#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/time.h"

namespace countersign::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

/// `GET`, `POST`, ...; kOther is `OTHER`, never the client's text, so that it can be a metric's label.
[[nodiscard]] std::string_view method_name(Method method);
/// Methods are case-sensitive (RFC 9110 section 9.1), so `get` is kOther.
[[nodiscard]] Method parse_method(std::string_view text);

/// A complete HTTP request: the handler gets it after the last byte of the body.
///
/// Guaranteed for a handler: header names are tokens and values have no control characters except tab; HTTP/1.1 has
/// exactly one Host; the path starts with `/` (or is `*` for OPTIONS), and the escapes of path and query are complete;
/// the decoded path is UTF-8 without control characters; the body is within the limit. [API-4, API-8]
///
/// A plain value: it can be moved to another thread, and constructed in tests. Views into it are valid until it is
/// moved, changed or destroyed.
struct Request {
  Method method = Method::kGet;
  bool tls = false;        ///< This connection uses TLS; says nothing about a proxy in front.
  std::string path = "/";  ///< Percent-encoded, as received, without the query.
  std::string query;       ///< After `?`, percent-encoded, as received.
  std::string body;
  std::shared_ptr<const void> large_body;  ///< The place that a long one has (LargeBodies); null: it is not long.
  /// The address of the socket's peer, the client or a proxy. Made from the socket's bytes: text would have to be
  /// parsed again, and the system's form (`fe80::1%eth0`) is not always an address.
  IpAddress peer;
  /// The client's X-Request-Id if it matches [A-Za-z0-9._-]{1,64}, else generated. Also sent back.
  std::string id;
  WallTime received_at{};             ///< When the first byte was read.
  std::vector<std::string> params;    ///< The captures of the route's pattern in order, percent-decoded, never empty.
  std::string_view route = "(none)";  ///< The matched route's name; lives as long as the router.
  std::string_view pattern{};         ///< Its pattern, `/v1/transactions/{id}`; empty if nothing matched.
  std::optional<std::size_t> object_at;  ///< In params: the last `{id}` or `{sid}`, if it has the form of an id.

  /// The id at object_at; empty if there is none.
  [[nodiscard]] std::string_view object() const {
    return object_at ? std::string_view(params[*object_at]) : std::string_view();
  }

  /// The value of the first header with that name, given in lower case; without surrounding space.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view lower_case_name) const;
  /// The number of headers with that name. A reader of a header with security relevance (Authorization,
  /// Idempotency-Key, ...) must refuse more than one: another server on the way might use another of them.
  [[nodiscard]] std::size_t header_count(std::string_view lower_case_name) const;
  [[nodiscard]] std::vector<std::string_view> header_values(std::string_view lower_case_name) const;

  /// The first value of a query parameter, decoded (`+` is a space). For all values: parse_form(query), http/form.h.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;

  void add_header(std::string_view name, std::string_view value);

  /// The raw head, and the positions of its headers (names already in lower case). For the parser.
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
