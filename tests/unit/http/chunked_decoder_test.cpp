#include "http/chunked_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace countersign::http {
namespace {

struct Read {
  ChunkedDecoder::State state;
  std::string body;
  std::size_t used;
};

Read read(std::string_view bytes, std::size_t piece, std::size_t limit = 100) {
  ChunkedDecoder decoder(limit);
  Read result{ChunkedDecoder::State::kReading, {}, 0};
  while (result.used < bytes.size() && decoder.state() == ChunkedDecoder::State::kReading) {
    result.used += decoder.feed(bytes.substr(result.used, piece), result.body);
  }
  result.state = decoder.state();
  return result;
}

TEST(ChunkedDecoder, JoinsChunksHoweverTheyAreCut) {
  const std::string bytes = "5\r\nhello\r\nA;name=value\r\n, 23456789\r\n0\r\n\r\nGET";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const auto result = read(bytes, piece);
    EXPECT_EQ(result.state, ChunkedDecoder::State::kDone) << piece;
    EXPECT_EQ(result.body, "hello, 23456789") << piece;
    EXPECT_EQ(bytes.substr(result.used), "GET") << piece;
  }
}

TEST(ChunkedDecoder, RefusesWhatReadersCouldDisagreeAbout) {
  for (const std::string_view bytes : {
           "\r\n",                             // no size
           " 5\r\nhello\r\n0\r\n\r\n",         // blank before the size
           "5 \r\nhello\r\n0\r\n\r\n",         // blank after the size
           "5\nhello\r\n0\r\n\r\n",            // bare LF
           "5\rhello\r\n0\r\n\r\n",            // bare CR
           "5\r\nhello0\r\n\r\n",              // no CRLF after the data
           "5\r\nhello\n0\r\n\r\n",            // bare LF after the data
           "5\r\nhelloX\n0\r\n\r\n",           // data longer than announced
           "-5\r\nhello\r\n0\r\n\r\n",         //
           "+5\r\nhello\r\n0\r\n\r\n",         //
           "0x5\r\nhello\r\n0\r\n\r\n",        //
           "g\r\n",                            //
           "000000005\r\nhello\r\n0\r\n\r\n",  // nine digits
           "FFFFFFFFFFFFFFFFF\r\n",            //
           "5;a\nb\r\nhello\r\n0\r\n\r\n",     // bare LF in an extension
           "0\r\nX-Trailer: 1\r\n\r\n",        // trailer
           "0\r\n\n",                          //
       }) {
    EXPECT_EQ(read(bytes, 1).state, ChunkedDecoder::State::kBad) << bytes;
    EXPECT_EQ(read(bytes, bytes.size()).state, ChunkedDecoder::State::kBad) << bytes;
  }
}

TEST(ChunkedDecoder, BoundsTheBodyBeforeReadingIt) {
  EXPECT_EQ(read("64\r\n" + std::string(100, 'x') + "\r\n0\r\n\r\n", 7).state, ChunkedDecoder::State::kDone);
  EXPECT_EQ(read("65\r\n", 7).state, ChunkedDecoder::State::kTooLong);
  EXPECT_EQ(read("64\r\n" + std::string(100, 'x') + "\r\n1\r\n", 7).state, ChunkedDecoder::State::kTooLong);
  EXPECT_EQ(read("FFFFFFFF\r\n", 7).state, ChunkedDecoder::State::kTooLong);
}

TEST(ChunkedDecoder, BoundsExtensionsInSum) {
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += "1;" + std::string(100, 'x') + "\r\ny\r\n";
  EXPECT_EQ(read(bytes, 1000).state, ChunkedDecoder::State::kBad);
  EXPECT_EQ(read("1;" + std::string(4096, 'x') + "\r\ny\r\n0\r\n\r\n", 1000).state, ChunkedDecoder::State::kDone);
  EXPECT_EQ(read("1;" + std::string(4097, 'x') + "\r\ny\r\n0\r\n\r\n", 1000).state, ChunkedDecoder::State::kBad);
}

}  // namespace
}  // namespace countersign::http
