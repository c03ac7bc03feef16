#include "store/repository/packed_number.h"

#include "base/check.h"

namespace countersign::store {

namespace {

constexpr unsigned kNumberBits = 63;
constexpr unsigned kBitsInByte = 7;
constexpr std::uint64_t kMoreFollow = 0x80;

}  // namespace

void append_packed_number(std::string& out, std::uint64_t number) {
  CS_CHECK(number >> kNumberBits == 0);
  for (; number >= kMoreFollow; number >>= kBitsInByte) out += static_cast<char>(kMoreFollow | (number & 0x7F));
  out += static_cast<char>(number);
}

std::optional<std::uint64_t> take_packed_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < kNumberBits && !bytes.empty(); shift += kBitsInByte) {
    const auto next = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    number |= std::uint64_t{next & 0x7FU} << shift;
    if (next < kMoreFollow) return number;
  }
  return std::nullopt;
}

}  // namespace countersign::store
