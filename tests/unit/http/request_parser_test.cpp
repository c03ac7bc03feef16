#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace countersign::http {
namespace {

/// Feeds in pieces, as a session does, until the first request is whole or refused.
struct Parsed {
  RequestParser::State state;
  ParseError error;
  Request request;
  std::string rest;
};

Parsed parse(std::string_view bytes, std::size_t piece, const ParserLimits& limits = {}) {
  RequestParser parser(limits);
  std::size_t used = 0;
  while (used < bytes.size() &&
         (parser.state() == RequestParser::State::kHead || parser.state() == RequestParser::State::kBody)) {
    used += parser.feed(bytes.substr(used, piece));
  }
  Parsed result{parser.state(), parser.error(), {}, std::string(bytes.substr(used))};
  if (result.state == RequestParser::State::kComplete) result.request = parser.take();
  return result;
}

struct Refusal {
  std::string_view name;
  std::string bytes;
  int status;
  std::string_view code;
};

std::string post(std::string_view headers, std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n\r\n" + std::string(body);
}
std::string get(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }
std::string with_header(std::string_view line) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(line) + "\r\n\r\n";
}

const std::string kChunks = "1\r\nx\r\n0\r\n\r\n";

const std::vector<Refusal> kRefusals{
    // Framing: where a request ends must have one reading. [API-8, RFC 9112 6.3]
    {"length and chunked", post("Content-Length: 1\r\nTransfer-Encoding: chunked", kChunks), 400, "bad_framing"},
    {"chunked and length", post("Transfer-Encoding: chunked\r\nContent-Length: 1", kChunks), 400, "bad_framing"},
    {"two lengths", post("Content-Length: 1\r\nContent-Length: 2", "x"), 400, "bad_framing"},
    {"two equal lengths", post("Content-Length: 1\r\nContent-Length: 1", "x"), 400, "bad_framing"},
    {"list of lengths", post("Content-Length: 1, 1", "x"), 400, "bad_framing"},
    {"signed length", post("Content-Length: +1", "x"), 400, "bad_framing"},
    {"negative length", post("Content-Length: -1", "x"), 400, "bad_framing"},
    {"hexadecimal length", post("Content-Length: 0x1", "x"), 400, "bad_framing"},
    {"empty length", post("Content-Length:", "x"), 400, "bad_framing"},
    {"length with a blank", post("Content-Length: 1 1", "x"), 400, "bad_framing"},
    {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", kChunks), 400, "bad_framing"},
    {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + kChunks, 400, "bad_framing"},
    {"other coding", post("Transfer-Encoding: gzip", kChunks), 501, "transfer_encoding_not_supported"},
    {"coding before chunked", post("Transfer-Encoding: gzip, chunked", kChunks), 501,
     "transfer_encoding_not_supported"},
    {"coding after chunked", post("Transfer-Encoding: chunked, identity", kChunks), 501,
     "transfer_encoding_not_supported"},
    {"like chunked", post("Transfer-Encoding: xchunked", kChunks), 501, "transfer_encoding_not_supported"},
    {"quoted chunked", post("Transfer-Encoding: \"chunked\"", kChunks), 501, "transfer_encoding_not_supported"},
    {"vertical tab before chunked", post("Transfer-Encoding: \vchunked", kChunks), 400, "bad_header"},
    {"bad chunk size", post("Transfer-Encoding: chunked", "x\r\n"), 400, "bad_framing"},
    {"chunk without its end", post("Transfer-Encoding: chunked", "1\r\nxy\r\n0\r\n\r\n"), 400, "bad_framing"},
    {"trailer", post("Transfer-Encoding: chunked", "0\r\nHost: b\r\n\r\n"), 400, "bad_framing"},

    // Lines and headers
    {"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", 400, "bad_line_ending"},
    {"bare LF after a header", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400, "bad_line_ending"},
    {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "bad_line_ending"},
    {"bare CR in a value", with_header("X: a\rContent-Length: 5"), 400, "bad_header"},
    {"CR CR LF", with_header("X: a\r"), 400, "bad_header"},
    {"NUL in a value", with_header(std::string_view("X: a\0b", 6)), 400, "bad_header"},
    {"control in a value", with_header("X: a\x1b[31m"), 400, "bad_header"},
    {"DEL in a value", with_header("X: a\x7f"), 400, "bad_header"},
    {"folded header", with_header("X: a\r\n b"), 400, "bad_header"},
    {"folded with a tab", with_header("X: a\r\n\tb"), 400, "bad_header"},
    {"folded first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "bad_header"},
    {"space before the colon", with_header("Content-Length : 5"), 400, "bad_header"},
    {"tab before the colon", with_header("Content-Length\t: 5"), 400, "bad_header"},
    {"no colon", with_header("Nonsense"), 400, "bad_header"},
    {"empty name", with_header(": x"), 400, "bad_header"},
    {"name with a bracket", with_header("X(y): z"), 400, "bad_header"},
    {"name beyond ASCII", with_header("X\xc3\xa9: z"), 400, "bad_header"},
    {"NUL in a name", with_header(std::string_view("Content-Length\0: 5", 18)), 400, "bad_header"},

    // Host [RFC 9112 3.2]
    {"no host", "GET / HTTP/1.1\r\n\r\n", 400, "bad_host"},
    {"two hosts", with_header("Host: b"), 400, "bad_host"},
    {"two equal hosts", with_header("host: a"), 400, "bad_host"},
    {"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400, "bad_host"},
    {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "bad_host"},
    {"host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "bad_host"},
    {"host with an at", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "bad_host"},
    {"host list", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "bad_host"},
    {"target of another host", get("http://b/"), 400, "bad_host"},

    // Request line
    {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"HTTP/0.9", "GET /\r\n\r\n", 400, "bad_request_line"},
    {"two empty lines first", "\r\n\r\n" + get("/"), 400, "bad_request_line"},
    {"blank first", " " + get("/"), 400, "bad_request_line"},
    {"tab as separator", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"blank at the end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"two blanks before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
    {"two blanks after the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
    {"method no token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"method too long", std::string(33, 'X') + " / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"short version", "GET / HTTP/1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version_not_supported"},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "http_version_not_supported"},
    {"TLS on the plain port", std::string("\x16\x03\x01\x00\x05\x01\n", 7), 400, "bad_line_ending"},

    // Target
    {"relative", get("path"), 400, "bad_target"},
    {"authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
    {"asterisk for GET", get("*"), 400, "bad_target"},
    {"fragment", get("/a#b"), 400, "bad_target"},
    {"fragment in the query", get("/a?b#c"), 400, "bad_target"},
    {"broken escape", get("/a%"), 400, "bad_target"},
    {"broken escape, one digit", get("/a%4"), 400, "bad_target"},
    {"broken escape, no digits", get("/a%zz"), 400, "bad_target"},
    {"broken escape in the query", get("/a?b=%z"), 400, "bad_target"},
    {"escaped NUL", get("/a%00"), 400, "bad_target"},
    {"escaped line feed", get("/a%0ab"), 400, "bad_target"},
    {"escaped DEL", get("/a%7f"), 400, "bad_target"},
    {"not UTF-8", get("/a%ff"), 400, "bad_target"},
    {"overlong slash", get("/a%c0%af"), 400, "bad_target"},
    {"raw byte beyond ASCII", get("/\xc3\xa9"), 400, "bad_target"},
    {"control", get("/a\x01"), 400, "bad_target"},
    {"no host in the absolute form", get("http:///a"), 400, "bad_target"},
    {"other scheme", get("ftp://a/"), 400, "bad_target"},

    {"expectation", with_header("Expect: 200-ok"), 417, "expectation_failed"},
};

TEST(RequestParser, RefusesHoweverTheBytesAreCut) {
  for (const auto& [name, bytes, status, code] : kRefusals) {
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
      const auto parsed = parse(bytes, piece);
      ASSERT_EQ(parsed.state, RequestParser::State::kFailed) << name << ", pieces of " << piece;
      EXPECT_EQ(parsed.error.status, status) << name;
      EXPECT_EQ(parsed.error.code, code) << name;
    }
  }
}

TEST(RequestParser, ReadsRequestsHoweverTheBytesAreCut) {
  const std::string bytes =
      "POST /v1/a%20b?x=1&y=%26 HTTP/1.1\r\nHost: api.example:8080\r\nX-Empty:\r\nX-Blank: \t \r\nX-Trim: \t a b \t\r\n"
      "X-High: caf\xc3\xa9\r\nContent-Length: 5\r\n\r\nhelloGET";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const auto parsed = parse(bytes, piece);
    ASSERT_EQ(parsed.state, RequestParser::State::kComplete) << piece;
    const auto& request = parsed.request;
    EXPECT_EQ(request.method, Method::kPost);
    EXPECT_EQ(request.path, "/v1/a%20b");
    EXPECT_EQ(request.query, "x=1&y=%26");
    EXPECT_EQ(request.body, "hello");
    EXPECT_EQ(request.header("host"), "api.example:8080");
    EXPECT_EQ(request.header("x-empty"), "");
    EXPECT_EQ(request.header("x-blank"), "");
    EXPECT_EQ(request.header("x-trim"), "a b");
    EXPECT_EQ(request.header("x-high"), "caf\xc3\xa9");
    EXPECT_EQ(parsed.rest, "GET");
  }
}

TEST(RequestParser, ReadsOneRequestAfterTheOther) {
  const std::string bytes =
      post("Transfer-Encoding: Chunked", "3\r\nabc\r\n0\r\n\r\n") + get("/second") + "\r\nOPTIONS * HTTP/1.0\r\n\r\n";
  RequestParser parser{ParserLimits{}};
  std::string_view rest = bytes;
  const auto next = [&] {
    while (parser.state() != RequestParser::State::kComplete) rest.remove_prefix(parser.feed(rest.substr(0, 3)));
    const bool keep_alive = parser.keep_alive();
    return std::pair(keep_alive, parser.take());
  };
  const auto first = next();
  EXPECT_TRUE(first.first);
  EXPECT_EQ(first.second.body, "abc");
  const auto second = next();
  EXPECT_EQ(second.second.path, "/second");
  EXPECT_EQ(second.second.body, "");
  EXPECT_EQ(second.second.header_count("transfer-encoding"), 0U);
  const auto third = next();
  EXPECT_FALSE(third.first) << "HTTP/1.0";
  EXPECT_EQ(third.second.path, "*");
  EXPECT_TRUE(rest.empty());
}

TEST(RequestParser, TakesTheAbsoluteFormByItsPath) {
  const auto parsed = parse("GET HTTP://A:80/x?y HTTP/1.1\r\nHost: a:80\r\n\r\n", 1000);
  ASSERT_EQ(parsed.state, RequestParser::State::kComplete);
  EXPECT_EQ(parsed.request.path, "/x");
  EXPECT_EQ(parsed.request.query, "y");
  EXPECT_EQ(parse("GET https://a HTTP/1.1\r\nHost: a\r\n\r\n", 1000).request.path, "/");
}

TEST(RequestParser, SeesWhatTheConnectionShallDo) {
  const auto keep_alive = [](std::string_view bytes) {
    RequestParser parser{ParserLimits{}};
    parser.feed(bytes);
    EXPECT_EQ(parser.state(), RequestParser::State::kComplete);
    return parser.keep_alive();
  };
  EXPECT_TRUE(keep_alive(get("/")));
  EXPECT_TRUE(keep_alive(with_header("Connection: keep-alive")));
  EXPECT_TRUE(keep_alive(with_header("Connection: closed")));
  EXPECT_FALSE(keep_alive(with_header("Connection: close")));
  EXPECT_FALSE(keep_alive(with_header("Connection: upgrade , CLOSE")));
  EXPECT_FALSE(keep_alive(with_header("Connection: upgrade\r\nConnection: close")));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestParser, KnowsWhoWaitsForContinue) {
  RequestParser parser{ParserLimits{}};
  parser.feed(post("Content-Length: 1\r\nExpect: 100-Continue", ""));
  EXPECT_EQ(parser.state(), RequestParser::State::kBody);
  EXPECT_TRUE(parser.expects_continue());
  RequestParser old{ParserLimits{}};
  old.feed("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_FALSE(old.expects_continue());
}

TEST(RequestParser, BoundsTheBodyBeforeReadingIt) {
  const ParserLimits limits{.body_bytes = 10};
  EXPECT_EQ(parse(post("Content-Length: 10", "0123456789"), 100, limits).state, RequestParser::State::kComplete);
  for (const auto* length : {"11", "999999999999999999", "9999999999999999999999999999"}) {
    const auto refused = parse(post("Content-Length: " + std::string(length), ""), 100, limits);
    EXPECT_EQ(refused.error.status, 413) << length;
  }
  EXPECT_EQ(parse(post("Transfer-Encoding: chunked", "B\r\n"), 100, limits).error.status, 413);
}

// A provider's batch is longer than any request of the API, and is not lost for it.
TEST(RequestParser, SomePathsMayHaveLongerBodiesAndFewAtOnce) {
  const auto large = std::make_shared<LargeBodies>("/hooks/", 40, 2);
  const ParserLimits limits{.body_bytes = 10, .large = large};
  const auto asks = [](const std::string& path, std::size_t size) {
    return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'x');
  };
  EXPECT_EQ(parse(asks("/hooks/meta", 10), 100, limits).state, RequestParser::State::kComplete);
  EXPECT_EQ(large->taken(), 0U) << "nothing is taken for one that is not long";
  {
    const auto first = parse(asks("/hooks/meta", 40), 7, limits);
    ASSERT_EQ(first.state, RequestParser::State::kComplete);
    EXPECT_EQ(first.request.body.size(), 40U);
    const auto second = parse(asks("/hooks/meta?x=y", 11), 100, limits);
    ASSERT_EQ(second.state, RequestParser::State::kComplete);
    EXPECT_EQ(large->taken(), 2U);
    const auto third = parse(asks("/hooks/meta", 40), 100, limits);
    EXPECT_EQ(third.error.status, 503);
    EXPECT_EQ(third.error.code, "overloaded");
  }
  EXPECT_EQ(large->taken(), 0U) << "the places are free once the requests are answered";
  for (const auto& bad : {asks("/hooks/meta", 41), asks("/hooks", 11), asks("/other/hooks/", 11), asks("/Hooks/", 11)})
    EXPECT_EQ(parse(bad, 100, limits).error.status, 413) << bad.substr(0, 30);
  // Without an announcement nobody knows how long it will be.
  EXPECT_EQ(
      parse("POST /hooks/m HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nB\r\n", 100, limits).error.status,
      413);
  RequestParser cut(limits);
  cut.feed("POST /hooks/m HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\nxxx");
  EXPECT_EQ(large->taken(), 1U);
  cut = RequestParser(limits);
  EXPECT_EQ(large->taken(), 0U) << "a connection that is cut has none";
}

TEST(RequestParser, BoundsTheHead) {
  const ParserLimits limits{.head_bytes = 400, .target_bytes = 100, .headers = 5};
  EXPECT_EQ(parse(get("/" + std::string(99, 'a')), 1, limits).state, RequestParser::State::kComplete);
  EXPECT_EQ(parse(get("/" + std::string(100, 'a')), 1, limits).error.status, 414);
  EXPECT_EQ(parse("GET /" + std::string(1000, 'a'), 1, limits).error.status, 414) << "a target without end";

  const auto padded = [](std::size_t size) {
    const auto empty = with_header("X: ").size();
    return with_header("X: " + std::string(size - empty, 'x'));
  };
  EXPECT_EQ(parse(padded(400), 1, limits).state, RequestParser::State::kComplete);
  EXPECT_EQ(parse(padded(401), 1, limits).error.status, 431);
  EXPECT_EQ(parse(padded(4000), 4000, limits).error.status, 431);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nX: " + std::string(4000, 'x'), 1, limits).error.status, 431) << "without end";

  EXPECT_EQ(parse(with_header("A: \r\nB: \r\nC: \r\nD: "), 1, limits).state, RequestParser::State::kComplete);
  EXPECT_EQ(parse(with_header("A: \r\nB: \r\nC: \r\nD: \r\nE: "), 1, limits).error.code, "too_many_headers");
}

TEST(RequestParser, TakesNothingMoreOnceRefused) {
  RequestParser parser{ParserLimits{}};
  parser.feed("GET / HTTP/1.1\r\nBad\r\n");
  ASSERT_EQ(parser.state(), RequestParser::State::kFailed);
  EXPECT_EQ(parser.feed(get("/")), 0U);
  EXPECT_EQ(parser.state(), RequestParser::State::kFailed);
}

}  // namespace
}  // namespace countersign::http
