// Links: cs_http cs_base
//
// Whatever the bytes and however they are split, the request parser reads the same requests or the same error.
//
// Input: the first byte seeds the splitting, the rest is the connection's bytes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "http/form.h"
#include "http/request_parser.h"
#include "http/router.h"

namespace {

using namespace countersign::http;

const ParserLimits kLimits{.head_bytes = 1024, .target_bytes = 256, .headers = 16, .body_bytes = 512};

/// One line for each request, and one for the reason reading ended.
struct Log {
  std::vector<std::string> lines;
  friend bool operator==(const Log&, const Log&) = default;
};

void check(const Request& request) {
  CS_CHECK(request.path == "*" || request.path.starts_with('/'));
  CS_CHECK(request.body.size() <= kLimits.body_bytes);
  CS_CHECK(request.header_count("host") <= 1);
  CS_CHECK(request.header_count("content-length") + request.header_count("transfer-encoding") <= 1);
  const auto decoded = countersign::percent_decode(request.path, countersign::Plus::kIsPlus);
  CS_CHECK(decoded && countersign::is_utf8(*decoded) && decoded->find('\0') == std::string::npos);
}

const Router& router() {
  static const Router filled = [] {
    Router r;
    const Handler nothing = [](const Request&, Reply) {};
    r.add(Method::kGet, "/a/{b}/c", "literal", nothing);
    r.add(Method::kGet, "/{a}/{b}", "captures", nothing);
    r.add(Method::kPost, "/a/{rest*}", "rest", nothing);
    return r;
  }();
  return filled;
}

Log read(std::string_view bytes, std::uint8_t seed) {
  Log log;
  RequestParser parser(kLimits);
  std::uint32_t state = seed;
  while (!bytes.empty() && parser.state() != RequestParser::State::kFailed) {
    // Seed 0 splits nothing.
    state = state * 1664525U + 1013904223U;
    const std::size_t piece = seed == 0 ? bytes.size() : 1 + (state >> 24) % 13;
    bytes.remove_prefix(parser.feed(bytes.substr(0, piece)));
    if (parser.state() != RequestParser::State::kComplete) continue;
    const bool keep_alive = parser.keep_alive();
    Request request = parser.take();
    check(request);
    (void)router().match(request);
    (void)parse_form(request.body);
    log.lines.push_back(std::string(method_name(request.method)) + " " + request.path + "?" + request.query + " " +
                        request.body + (keep_alive ? "+" : "-"));
  }
  log.lines.push_back(std::to_string(static_cast<int>(parser.state())) + std::string(parser.error().code));
  return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  CS_CHECK(read(bytes, 0) == read(bytes, data[0]));
  return 0;
}
