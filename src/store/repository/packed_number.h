#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::store {

// Numbers in the bytes of a column: seven bits in each byte, the lowest first; the highest bit is set in each but the
// last (LEB128).

/// `number` is below 2^63, which is what a column of integers has too.
void append_packed_number(std::string& out, std::uint64_t number);

/// Takes one off the front of `bytes`. nullopt, with `bytes` unspecified, if there is none, or none below 2^63.
[[nodiscard]] std::optional<std::uint64_t> take_packed_number(std::string_view& bytes);

}  // namespace countersign::store
