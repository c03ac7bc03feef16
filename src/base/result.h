#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace countersign {

/// Wraps an error for a Result: `return fail(CheckError::kExpired);`
template <class E>
struct Failure {
  E error;
};

template <class E>
[[nodiscard]] Failure<std::decay_t<E>> fail(E&& error) {
  return {std::forward<E>(error)};
}

/// A value, or the reason why there is none.
///
/// For outcomes that a caller can act on (wrong code, expired, rate limited); exceptions are for internal failures. The
/// names are those of std::expected, so that it can become an alias once libstdc++ has the monadic operations (version
/// 12 lacks them). Reading the absent side is a bug and aborts.
template <class T, class E>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : value_(std::move(value)), has_value_(true) {}  // NOLINT(google-explicit-constructor)
  template <class F>
    requires std::is_constructible_v<E, F&&>
  Result(Failure<F> failure)  // NOLINT(google-explicit-constructor)
      : error_(std::move(failure.error)), has_value_(false) {}

  Result(const Result& other)
    requires std::is_copy_constructible_v<T> && std::is_copy_constructible_v<E>
      : has_value_(other.has_value_) {
    if (has_value_)
      std::construct_at(&value_, other.value_);
    else
      std::construct_at(&error_, other.error_);
  }
  /// Leaves in `other` what is left of its value or error when that was moved.
  Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_constructible_v<E>)
      : has_value_(other.has_value_) {
    if (has_value_)
      std::construct_at(&value_, std::move(other.value_));
    else
      std::construct_at(&error_, std::move(other.error_));
  }
  /// A move that throws here ends the process: there would be neither a value nor an error.
  Result& operator=(Result other) noexcept {
    std::destroy_at(this);
    std::construct_at(this, std::move(other));
    return *this;
  }
  ~Result() {
    if (has_value_)
      std::destroy_at(&value_);
    else
      std::destroy_at(&error_);
  }

  [[nodiscard]] bool has_value() const { return has_value_; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return get(*this); }
  const T& value() const& { return get(*this); }
  T&& value() && { return std::move(get(*this)); }
  T& operator*() & { return get(*this); }
  const T& operator*() const& { return get(*this); }
  T&& operator*() && { return std::move(get(*this)); }
  T* operator->() { return &get(*this); }
  const T* operator->() const { return &get(*this); }

  [[nodiscard]] const E& error() const {
    CS_CHECK(!has_value());
    return error_;
  }

  template <class U>
  [[nodiscard]] T value_or(U&& other) const {
    return has_value() ? **this : static_cast<T>(std::forward<U>(other));
  }

  /// Calls `next(value)`, which returns a Result with the same error type; an error passes through.
  template <class F>
  auto and_then(F&& next) && -> std::invoke_result_t<F, T&&> {
    if (has_value()) return std::forward<F>(next)(std::move(**this));
    return fail(error());
  }

  /// Maps the value; an error passes through.
  template <class F>
  auto transform(F&& map) && -> Result<std::invoke_result_t<F, T&&>, E> {
    if (has_value()) return std::forward<F>(map)(std::move(**this));
    return fail(error());
  }

  /// Maps the error; a value passes through.
  template <class F>
  auto transform_error(F&& map) && -> Result<T, std::invoke_result_t<F, const E&>> {
    if (has_value()) return std::move(**this);
    return fail(std::forward<F>(map)(error()));
  }

 private:
  template <class Self>
  static auto& get(Self& self) {
    CS_CHECK(self.has_value());
    return self.value_;
  }

  // Not a std::variant: its machinery, once for each kind of result, was an eighth of all functions of the suites.
  union {
    T value_;
    E error_;
  };
  bool has_value_;
};

/// Success without a value: `Result<Done, Error>`.
struct Done {
  friend bool operator==(Done, Done) = default;
};

}  // namespace countersign
