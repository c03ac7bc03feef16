#include "http/response_writer.h"

#include <algorithm>

#include "base/number.h"
#include "http/characters.h"

namespace countersign::http {
namespace {

/// Space for the lines of every response, without their values.
constexpr std::size_t kFixedBytes = 256;

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// RFC 9110 section 6.4.1
bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

std::size_t headers_size(const Response& response) {
  std::size_t size = response.content_type.size();
  for (const auto& [name, value] : response.headers) size += name.size() + value.size() + 4;
  return size;
}

}  // namespace

bool is_writable(const Response& response) {
  return kFieldChars.has_all(response.content_type) && std::ranges::all_of(response.headers, [](const auto& header) {
           return !header.first.empty() && kTokenChars.has_all(header.first) && kFieldChars.has_all(header.second);
         });
}

void append_response(std::string& out, const Response& response, const ResponseFrame& frame) {
  out.reserve(out.size() + kFixedBytes + headers_size(response) + response.body.size());
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  append_header(out, "Date", frame.date);
  if (!response.content_type.empty()) append_header(out, "Content-Type", response.content_type);
  if (!has_no_body(response.status)) {
    out += "Content-Length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  out += "X-Content-Type-Options: nosniff\r\n";
  append_header(out, "X-Request-Id", frame.request_id);

  bool has_cache_control = false;
  for (const auto& [name, value] : response.headers) {
    has_cache_control = has_cache_control || equals_ignoring_case(name, "cache-control");
    append_header(out, name, value);
  }
  if (!has_cache_control) out += "Cache-Control: no-store\r\n";
  if (frame.close) out += "Connection: close\r\n";
  out += "\r\n";
  if (!frame.head_only && !has_no_body(response.status)) out += response.body;
}

}  // namespace countersign::http
