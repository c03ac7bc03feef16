#include "http/request_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "http/characters.h"
#include "http/target.h"

namespace countersign::http {
namespace {

/// Longer than any registered method (UPDATEREDIRECTREF).
constexpr std::size_t kMethodBytesMax = 32;
/// More digits than any allowed body needs, without a bigger integer.
constexpr std::size_t kContentLengthDigitsMax = 18;
/// Space for an ordinary head, reserved at once instead of line by line.
constexpr std::size_t kUsualHeadBytes = 1024;
constexpr std::size_t kUsualHeaders = 16;

}  // namespace

std::size_t RequestParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  if (state_ == State::kHead) used = feed_head(bytes);
  if (state_ == State::kBody) used += feed_body(bytes.substr(used));
  bytes_read_ += used;
  return used;
}

std::size_t RequestParser::feed_head(std::string_view bytes) {
  if (head_.bytes.empty()) {
    head_.bytes.reserve(std::min(bytes.size(), kUsualHeadBytes));
    head_.headers.reserve(kUsualHeaders);
  }
  std::size_t used = 0;
  while (state_ == State::kHead && used < bytes.size()) {
    const auto lf = bytes.find('\n', used);
    const auto end = lf == std::string_view::npos ? bytes.size() : lf + 1;
    // One byte more than the limit is enough to detect an overlong head.
    const auto take = std::min(end - used, limits_.head_bytes + 1 - head_.bytes.size());
    head_.bytes.append(bytes.substr(used, take));
    used += take;
    check_head_size();
    if (state_ != State::kHead || lf == std::string_view::npos) break;

    const auto line_end = head_.bytes.size() - 1;
    if (line_end == head_.line_begin || head_.bytes[line_end - 1] != '\r') {
      fail(400, "bad_line_ending");
    } else {
      on_line(std::exchange(head_.line_begin, line_end + 1), line_end - 1);
    }
  }
  return used;
}

void RequestParser::check_head_size() {
  // An unterminated request line counts as a long target; a long method or version cannot be distinguished, and need
  // not be.
  if (!head_.has_request_line && head_.bytes.size() > limits_.target_bytes + kMethodBytesMax + 16) {
    fail(414, "uri_too_long");
  } else if (head_.bytes.size() > limits_.head_bytes) {
    fail(431, "headers_too_large");
  }
}

void RequestParser::on_line(std::size_t begin, std::size_t end) {
  if (!head_.has_request_line) {
    // Some clients send an empty line after a body (RFC 9112 section 2.2); one is ignored.
    if (begin == end && begin == 0) return;
    on_request_line(std::string_view(head_.bytes).substr(begin, end - begin));
    head_.has_request_line = true;
  } else if (begin == end) {
    on_head_end();
  } else {
    on_header(begin, end);
  }
}

void RequestParser::on_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return fail(400, "bad_request_line");
  const auto method = line.substr(0, first);
  const auto target_text = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);

  if (method.empty() || method.size() > kMethodBytesMax || !kTokenChars.has_all(method)) {
    return fail(400, "bad_request_line");
  }
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return fail(400, "bad_request_line");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail(505, "http_version_not_supported");
  if (target_text.size() > limits_.target_bytes) return fail(414, "uri_too_long");

  request_.method = parse_method(method);
  const auto target = parse_target(target_text, request_.method);
  if (!target) return fail(400, "bad_target");
  request_.path = target->path;
  request_.query = target->query;
  head_.authority = target->authority;
  head_.minor_version = version[7] - '0';
  head_.close = head_.minor_version == 0;
}

void RequestParser::on_header(std::size_t begin, std::size_t end) {
  if (head_.headers.size() == limits_.headers) return fail(431, "too_many_headers");
  const auto line = std::string_view(head_.bytes).substr(begin, end - begin);

  // A folded line starts with a blank, which is not a token character; a space before the colon fails here too.
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || !kTokenChars.has_all(line.substr(0, colon))) {
    return fail(400, "bad_header");
  }
  const auto value = trim_blanks(line.substr(colon + 1));
  if (!kFieldChars.has_all(value)) return fail(400, "bad_header");

  const auto name_begin = head_.bytes.begin() + static_cast<std::ptrdiff_t>(begin);
  std::transform(name_begin, name_begin + static_cast<std::ptrdiff_t>(colon), name_begin, to_lower);
  const auto value_at = value.empty() ? end : static_cast<std::size_t>(value.data() - head_.bytes.data());
  head_.headers.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(colon),
                           static_cast<std::uint32_t>(value_at), static_cast<std::uint32_t>(value.size())});
  on_known_header(line.substr(0, colon), value);
}

void RequestParser::on_known_header(std::string_view name, std::string_view value) {
  if (name == "host") {
    ++head_.hosts;
    head_.host = head_.headers.back();
  } else if (name == "content-length") {
    on_content_length(value);
  } else if (name == "transfer-encoding") {
    on_transfer_encoding(value);
  } else if (name == "connection") {
    on_connection(value);
  } else if (name == "expect") {
    if (!equals_ignoring_case(value, "100-continue")) return fail(417, "expectation_failed");
    // An HTTP/1.0 client does not know interim responses (RFC 9110 section 10.1.1).
    head_.expects_continue = head_.minor_version == 1;
  }
}

void RequestParser::on_content_length(std::string_view value) {
  const bool all_digits = std::ranges::all_of(value, is_digit);
  if (++head_.content_lengths > 1 || value.empty() || !all_digits) return fail(400, "bad_framing");
  if (value.size() > kContentLengthDigitsMax) return fail(413, "body_too_large");
  std::from_chars(value.data(), value.data() + value.size(), head_.content_length);
}

void RequestParser::on_transfer_encoding(std::string_view value) {
  if (++head_.transfer_encodings > 1 || head_.minor_version == 0) return fail(400, "bad_framing");
  if (!equals_ignoring_case(value, "chunked")) return fail(501, "transfer_encoding_not_supported");
}

void RequestParser::on_connection(std::string_view value) {
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    if (equals_ignoring_case(trim_blanks(value.substr(0, comma)), "close")) head_.close = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

void RequestParser::on_head_end() {
  if (head_.hosts > 1 || (head_.hosts == 0 && head_.minor_version == 1)) return fail(400, "bad_host");
  const auto host = std::string_view(head_.bytes).substr(head_.host.value_at, head_.host.value_size);
  if (head_.hosts == 1 && !is_authority(host)) return fail(400, "bad_host");
  // RFC 9112 section 3.2.2 prefers the target over Host; refusing a difference avoids any disagreement.
  if (!head_.authority.empty() && head_.hosts == 1 && !equals_ignoring_case(head_.authority, host)) {
    return fail(400, "bad_host");
  }
  if (head_.content_lengths > 0 && head_.transfer_encodings > 0) return fail(400, "bad_framing");
  check_length();
  if (state_ == State::kFailed) return;

  if (head_.transfer_encodings > 0) {
    framing_ = Framing::kChunked;
    chunks_ = ChunkedDecoder(limits_.body_bytes);
    state_ = State::kBody;
  } else if (head_.content_length > 0) {
    framing_ = Framing::kLength;
    state_ = State::kBody;
  } else {
    framing_ = Framing::kNone;
    state_ = State::kComplete;
  }
}

void RequestParser::check_length() {
  if (head_.content_length <= limits_.body_bytes) return;
  auto* const large = limits_.large.get();
  if (large == nullptr || !large->covers(request_.path) || head_.content_length > large->bytes())
    return fail(413, "body_too_large");
  request_.large_body = large->enter();
  if (!request_.large_body) fail(503, "overloaded");
}

std::size_t RequestParser::feed_body(std::string_view bytes) {
  if (framing_ == Framing::kLength) {
    const auto piece = bytes.substr(0, static_cast<std::size_t>(head_.content_length) - request_.body.size());
    request_.body += piece;
    if (request_.body.size() == head_.content_length) state_ = State::kComplete;
    return piece.size();
  }
  const auto used = chunks_.feed(bytes, request_.body);
  switch (chunks_.state()) {
    case ChunkedDecoder::State::kReading:
      break;
    case ChunkedDecoder::State::kDone:
      state_ = State::kComplete;
      break;
    case ChunkedDecoder::State::kBad:
      fail(400, "bad_framing");
      break;
    case ChunkedDecoder::State::kTooLong:
      fail(413, "body_too_large");
      break;
  }
  return used;
}

std::string_view RequestParser::header(std::string_view lower_case_name) const {
  const std::string_view bytes = head_.bytes;
  for (const auto& span : head_.headers) {
    if (bytes.substr(span.name_at, span.name_size) == lower_case_name)
      return bytes.substr(span.value_at, span.value_size);
  }
  return {};
}

Request RequestParser::take() {
  CS_CHECK(state_ == State::kComplete);
  Request request = std::exchange(request_, Request{});
  request.adopt_head(std::move(head_.bytes), std::move(head_.headers));
  head_ = Head{};
  state_ = State::kHead;
  bytes_read_ = 0;
  return request;
}

void RequestParser::fail(int status, std::string_view code) {
  state_ = State::kFailed;
  error_ = {status, code};
}

}  // namespace countersign::http
