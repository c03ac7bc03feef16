#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace countersign::http {

/// The chunked transfer coding (RFC 9112 section 7.1), fed in pieces of any size.
///
/// Chunk extensions are skipped, up to a total size. Trailers are refused: we neither send nor read them, and a reader
/// that merges them into the headers allows header smuggling.
class ChunkedDecoder {
 public:
  enum class State : std::uint8_t { kReading, kDone, kBad, kTooLong };

  ChunkedDecoder() = default;
  explicit ChunkedDecoder(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  /// Appends the data in `bytes` to `body`; returns how many bytes belonged to this body.
  std::size_t feed(std::string_view bytes, std::string& body);
  [[nodiscard]] State state() const { return state_; }

 private:
  enum class At : std::uint8_t { kSize, kExtension, kSizeLf, kData, kDataCr, kDataLf, kEndCr, kEndLf };

  void step(char c, std::size_t body_size);
  void after_size_line(std::size_t body_size);

  std::size_t body_bytes_max_ = 0;
  State state_ = State::kReading;
  At at_ = At::kSize;
  std::uint64_t size_ = 0;    ///< Of this chunk: its announced size, then what is left of it.
  std::size_t digits_ = 0;    ///< Of the size, including leading zeros.
  std::size_t overhead_ = 0;  ///< Bytes of extensions so far.
};

}  // namespace countersign::http
