#pragma once

#include <cstdint>
#include <string_view>

namespace countersign::testing {

/// The allocations so far of all threads with that name, also of C libraries. Only in a program that links this file's
/// object, which replaces malloc; not under a sanitizer, which replaces it too. Threads beyond the first 256 are not
/// counted, and those that have ended neither.
[[nodiscard]] std::uint64_t allocations_of(std::string_view thread_name);

}  // namespace countersign::testing
