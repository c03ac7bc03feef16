#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/chunked_decoder.h"
#include "http/large_bodies.h"
#include "http/request.h"

namespace countersign::http {

struct ParserLimits {
  std::size_t head_bytes = 16 * 1024;   ///< Request line and headers together: 431.
  std::size_t target_bytes = 8 * 1024;  ///< 414
  std::size_t headers = 100;            ///< 431
  std::size_t body_bytes = 256 * 1024;  ///< After dechunking: 413, before the body is read if its length is announced.
  /// Paths that may have longer ones, whose length is announced: 503 where too many are read at once. Null: none.
  std::shared_ptr<LargeBodies> large = nullptr;
};

/// Why a request is refused. The connection must be closed: its further bytes cannot be parsed.
struct ParseError {
  int status = 0;
  std::string_view code;  ///< Stable, public: bad_request, bad_framing, bad_host, uri_too_long, headers_too_large, ...
};

/// Parses HTTP/1.x requests from a byte stream, in pieces of any size (RFC 9112). No I/O and no clock.
///
/// Stricter than the standard where two parsers could disagree about the end of a request: only CRLF ends a line, no
/// folded headers, no space before the colon, one Content-Length or one `Transfer-Encoding: chunked` and never both, no
/// trailers, exactly one Host in HTTP/1.1. [API-8, ASVS 4.2.1]
class RequestParser {
 public:
  enum class State : std::uint8_t {
    kHead,      ///< Needs more of the head; started() says whether there is any.
    kBody,      ///< The head is complete; needs more of the body.
    kComplete,  ///< Call take(); nothing more is consumed before.
    kFailed,    ///< See error(); nothing more is consumed.
  };

  explicit RequestParser(const ParserLimits& limits) : limits_(limits) {}

  /// Consumes bytes from the front of `bytes`, and returns how many. Stops at the end of a request; the rest belongs to
  /// the next one.
  std::size_t feed(std::string_view bytes);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const ParseError& error() const { return error_; }
  /// A byte of the current request has been read.
  [[nodiscard]] bool started() const { return bytes_read_ > 0; }
  /// The client waits for `100 Continue` before it sends the body. Valid in kBody.
  [[nodiscard]] bool expects_continue() const { return head_.expects_continue; }
  /// The connection can be reused after this request: HTTP/1.1 without `Connection: close`. Call before take().
  [[nodiscard]] bool keep_alive() const { return !head_.close; }
  /// Of the current request, if it was read already; else `/`.
  [[nodiscard]] std::string_view path() const { return request_.path; }
  /// The first header with that name in the current request, if it was read already; else empty.
  [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
  /// Of the current request.
  [[nodiscard]] std::size_t bytes_read() const { return bytes_read_; }

  /// The complete request; the parser is then ready for the next.
  [[nodiscard]] Request take();

 private:
  enum class Framing : std::uint8_t { kNone, kLength, kChunked };

  /// The parsed head of the current request; reset for each request.
  struct Head {
    std::string bytes;  ///< As received, with header names in lower case.
    std::vector<Request::HeaderSpan> headers;
    std::size_t line_begin = 0;
    bool has_request_line = false;
    int minor_version = 1;
    std::string authority;          ///< Of an absolute-form target.
    Request::HeaderSpan host = {};  ///< The last Host.
    std::size_t hosts = 0;
    std::size_t content_lengths = 0;
    std::size_t transfer_encodings = 0;
    std::uint64_t content_length = 0;
    bool close = false;
    bool expects_continue = false;
  };

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  void on_line(std::size_t begin, std::size_t end);
  void on_request_line(std::string_view line);
  void on_header(std::size_t begin, std::size_t end);
  void on_known_header(std::string_view name, std::string_view value);
  void on_content_length(std::string_view value);
  void on_transfer_encoding(std::string_view value);
  void on_connection(std::string_view value);
  void on_head_end();
  void check_length();
  void check_head_size();
  void fail(int status, std::string_view code);

  ParserLimits limits_;
  State state_ = State::kHead;
  ParseError error_;
  Head head_;
  Request request_;
  Framing framing_ = Framing::kNone;
  ChunkedDecoder chunks_;
  std::size_t bytes_read_ = 0;
};

}  // namespace countersign::http
