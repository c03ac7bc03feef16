#pragma once

namespace countersign {

/// Writes location and expression to stderr and aborts. For states that only a bug can cause.
[[noreturn]] void check_failed(const char* file, int line, const char* expression);

}  // namespace countersign

/// Checks an invariant of our own code, in every build. Never use it for input: invalid input returns an error value.
#define CS_CHECK(expression) \
  (static_cast<bool>(expression) ? static_cast<void>(0) : ::countersign::check_failed(__FILE__, __LINE__, #expression))
