#include "http/chunked_decoder.h"

#include <algorithm>

#include "base/ascii.h"

namespace countersign::http {
namespace {

/// Sixteen hex digits would not overflow, but no real chunk for us needs more than these.
constexpr std::size_t kSizeDigitsMax = 8;
/// Limits one-byte chunks with a long extension each.
constexpr std::size_t kOverheadMax = 4096;

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_extension_char(char c) { return c == '\t' || (c >= ' ' && c <= '~'); }

}  // namespace

std::size_t ChunkedDecoder::feed(std::string_view bytes, std::string& body) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ == State::kReading) {
    if (at_ == At::kData) {
      const auto piece = bytes.substr(used, static_cast<std::size_t>(std::min<std::uint64_t>(size_, bytes.size())));
      body += piece;
      used += piece.size();
      size_ -= piece.size();
      if (size_ == 0) at_ = At::kDataCr;
    } else {
      step(bytes[used++], body.size());
    }
  }
  return used;
}

void ChunkedDecoder::step(char c, std::size_t body_size) {
  const auto expect = [&](char wanted, At next) {
    if (c == wanted) {
      at_ = next;
    } else {
      state_ = State::kBad;
    }
  };
  switch (at_) {
    case At::kSize:
      if (const int digit = hex_digit(c); digit >= 0) {
        size_ = size_ * 16 + static_cast<unsigned>(digit);
        if (++digits_ > kSizeDigitsMax) state_ = State::kBad;
      } else if (digits_ == 0) {
        state_ = State::kBad;
      } else if (c == ';') {
        at_ = At::kExtension;
      } else {
        expect('\r', At::kSizeLf);
      }
      break;
    case At::kExtension:
      if (c == '\r') {
        at_ = At::kSizeLf;
      } else if (!is_extension_char(c) || ++overhead_ > kOverheadMax) {
        state_ = State::kBad;
      }
      break;
    case At::kSizeLf:
      expect('\n', At::kData);
      if (state_ == State::kReading) after_size_line(body_size);
      break;
    case At::kData:
      break;  // Handled in feed().
    case At::kDataCr:
      expect('\r', At::kDataLf);
      break;
    case At::kDataLf:
      expect('\n', At::kSize);
      digits_ = 0;
      break;
    case At::kEndCr:
      expect('\r', At::kEndLf);
      break;
    case At::kEndLf:
      expect('\n', At::kEndLf);
      if (state_ == State::kReading) state_ = State::kDone;
      break;
  }
}

void ChunkedDecoder::after_size_line(std::size_t body_size) {
  if (size_ == 0) {
    at_ = At::kEndCr;
  } else if (size_ > body_bytes_max_ - body_size) {
    state_ = State::kTooLong;
  }
}

}  // namespace countersign::http
