#pragma once

namespace countersign {

/// Ends the process after writing where and what to stderr. For states that only a bug can bring about.
[[noreturn]] void check_failed(const char* file, int line, const char* expression);

}  // namespace countersign

/// An invariant of our own code, tested in every build. Never for input: input gets an error value.
#define CS_CHECK(expression) \
  (static_cast<bool>(expression) ? static_cast<void>(0) : ::countersign::check_failed(__FILE__, __LINE__, #expression))
