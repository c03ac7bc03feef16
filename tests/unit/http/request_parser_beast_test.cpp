#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>
#include <vector>

#include "http/request_parser.h"
#include "support/fake_time.h"

// Another parser as the judge: whatever ours accepts, Beast reads as the same request with the same end. (Beast accepts
// much that ours refuses; that direction proves nothing.)

namespace countersign::http {
namespace {

namespace beast = boost::beast::http;

struct Reading {
  std::string method;
  std::string target;
  std::string body;
  std::size_t used = 0;
  friend bool operator==(const Reading&, const Reading&) = default;
};

std::optional<Reading> read_with_ours(std::string_view bytes) {
  RequestParser parser{ParserLimits{}};
  const auto used = parser.feed(bytes);
  if (parser.state() != RequestParser::State::kComplete) return std::nullopt;
  const auto request = parser.take();
  std::string target = request.path;
  if (bytes.find('?') < bytes.find(' ', bytes.find(' ') + 1)) target += "?" + request.query;
  return Reading{std::string(method_name(request.method)), target, request.body, used};
}

struct BeastReading {
  std::optional<Reading> reading;
  boost::system::error_code error;
};

BeastReading read_with_beast(std::string_view bytes) {
  beast::request_parser<beast::string_body> parser;
  parser.eager(true);
  parser.body_limit(1024 * 1024);
  boost::system::error_code error;
  std::size_t used = 0;
  while (!parser.is_done() && !error && used < bytes.size()) {
    used += parser.put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), error);
  }
  if (!parser.is_done() || error) return {std::nullopt, error};
  const auto& message = parser.get();
  return {Reading{std::string(method_name(parse_method(std::string(message.method_string())))),
                  std::string(message.target()), message.body(), used},
          error};
}

/// Where Beast reads by a grammar what ours reads over because nothing depends on it.
bool is_stricter_in_what_we_ignore(const boost::system::error_code& error) {
  return error == beast::error::bad_chunk_extension || error == beast::error::bad_value;
}

const std::vector<std::string> kSeeds{
    "GET /a?b=c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n",
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\nrest",
    "POST /a HTTP/1.0\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc",
    "PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\nX: y\r\n\r\nz"};

const std::vector<std::string> kInserts{"\r",
                                        "\n",
                                        "\r\n",
                                        " ",
                                        "\t",
                                        ":",
                                        ",",
                                        ";",
                                        "0",
                                        "1",
                                        "f",
                                        "%41",
                                        "?",
                                        "Content-Length: 3\r\n",
                                        "Transfer-Encoding: chunked\r\n",
                                        "Host: b\r\n",
                                        "chunked",
                                        std::string("\0", 1),
                                        "\x0b",
                                        "\xff",
                                        "-",
                                        "+"};

std::string mutated(testing::SeededRandom& random) {
  std::string bytes = kSeeds[random.below(static_cast<std::uint32_t>(kSeeds.size()))];
  const auto changes = 1 + random.below(3);
  for (std::uint32_t i = 0; i < changes; ++i) {
    const auto at = random.below(static_cast<std::uint32_t>(bytes.size()));
    if (random.below(3) == 0) {
      bytes.erase(at, 1 + random.below(3));
    } else {
      bytes.insert(at, kInserts[random.below(static_cast<std::uint32_t>(kInserts.size()))]);
    }
    if (bytes.empty()) return kSeeds.front();
  }
  return bytes;
}

TEST(RequestParserAgainstBeast, AgreesOnEveryRequestThatItAccepts) {
  testing::SeededRandom random(20261122);
  int accepted = 0;
  for (int round = 0; round < 100'000; ++round) {
    const auto bytes = mutated(random);
    const auto ours = read_with_ours(bytes);
    if (!ours || bytes.starts_with("\r\n")) continue;  // Beast does not forgive an empty first line.
    const auto theirs = read_with_beast(bytes);
    if (is_stricter_in_what_we_ignore(theirs.error)) continue;
    ASSERT_TRUE(theirs.reading) << theirs.error.message() << "\n" << bytes;
    ASSERT_EQ(*ours, *theirs.reading) << bytes;
    ++accepted;
  }
  EXPECT_GT(accepted, 10'000) << "the changes are too wild to show anything";
}

}  // namespace
}  // namespace countersign::http
