#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/json.h"
#include "base/time.h"

namespace countersign::api {

/// Writes JSON sequentially into one string. Used for answers, because building a tree first would cost more than the
/// rest of a request. It writes commas; the caller must match brackets.
class JsonWriter {
 public:
  JsonWriter() { out_.reserve(kUsualBytes); }

  JsonWriter& open_object() { return open('{'); }
  JsonWriter& close_object() { return close('}'); }
  JsonWriter& open_array() { return open('['); }
  JsonWriter& close_array() { return close(']'); }

  JsonWriter& key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    first_ = true;
    return *this;
  }

  JsonWriter& text(std::string_view value) {
    separate();
    append_json_string(out_, value);
    return *this;
  }
  JsonWriter& number(std::int64_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  JsonWriter& time(WallTime value) {
    separate();
    out_ += '"';
    append_rfc3339(out_, value);
    out_ += '"';
    return *this;
  }
  /// Inserts serialized JSON.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }

  /// One member of an object. `value` is a string, a number, a boolean, a time or a type with text() such as an id; or
  /// a std::optional of one of these, or nullptr: null if empty.
  template <class T>
  JsonWriter& member(std::string_view name, const T& value) {
    return key(name).write(value);
  }
  /// A member whose value is serialized JSON.
  JsonWriter& raw_member(std::string_view name, std::string_view json) { return key(name).raw(json); }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  /// Space for an ordinary answer, reserved at once instead of member by member.
  static constexpr std::size_t kUsualBytes = 512;

  /// An id: nothing in it needs an escape.
  template <class Kind>
  JsonWriter& write(const IdOf<Kind>& id) {
    separate();
    out_ += '"';
    id.append_to(out_);
    out_ += '"';
    return *this;
  }
  template <class T>
  JsonWriter& write(const T& value) {
    if constexpr (std::same_as<T, bool>)
      return boolean(value);
    else if constexpr (std::integral<T>)
      return number(value);
    else if constexpr (std::same_as<T, WallTime>)
      return time(value);
    else if constexpr (std::same_as<T, std::nullptr_t>)
      return null();
    else if constexpr (std::convertible_to<const T&, std::string_view>)
      return text(value);
    else
      return text(value.text());
  }
  template <class T>
  JsonWriter& write(const std::optional<T>& value) {
    return value ? write(*value) : null();
  }
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }

  std::string out_;
  bool first_ = true;
};

/// For a member that is null if the text is empty.
[[nodiscard]] inline std::optional<std::string_view> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace countersign::api
