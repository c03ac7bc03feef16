#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace countersign {

/// Overwrites `size` bytes; the optimiser cannot remove it.
void wipe(void* data, std::size_t size) noexcept;

/// Clears the text and overwrites its whole capacity: a shortened string still holds its old tail.
void wipe(std::string& text) noexcept;

/// Compares content in a time that depends only on the lengths.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

/// Holds a value that must not be printed, compared by accident, or left behind in memory.
///
/// There is no `==`, no `<<` and no conversion; `expose()` is the only access, so every use can be found by search. The
/// storage is wiped on destruction, on assignment and in the moved-from object. T is std::string or a trivially
/// copyable array type.
template <class T>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.clear(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      clear();
      value_ = other.value_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      value_ = std::move(other.value_);
      other.clear();
    }
    return *this;
  }
  ~Secret() { clear(); }

  [[nodiscard]] const T& expose() const { return value_; }
  [[nodiscard]] T& expose_for_writing() { return value_; }

  void clear() noexcept {
    if constexpr (std::is_same_v<T, std::string>) {
      wipe(value_);
    } else {
      static_assert(std::is_trivially_copyable_v<T>);
      wipe(&value_, sizeof value_);
    }
  }

 private:
  T value_{};
};

using SecretString = Secret<std::string>;

}  // namespace countersign
