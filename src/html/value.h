#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace countersign::html {

/// Markup that is inserted unescaped. The caller guarantees that it contains no unescaped input; for example the QR
/// code's SVG. Everything else is text, and text is always escaped.
class Html {
 public:
  explicit Html(std::string trusted) : markup_(std::move(trusted)) {}
  [[nodiscard]] const std::string& markup() const { return markup_; }

 private:
  std::string markup_;
};

class Value;
using Object = std::map<std::string, Value, std::less<>>;
using List = std::vector<Object>;

/// A value for templates. False, an empty text and an empty list count as "no" for sections.
class Value {
 public:
  Value(bool flag) : held_(flag) {}
  Value(const char* text) : held_(std::string(text)) {}
  Value(std::string text) : held_(std::move(text)) {}
  Value(std::string_view text) : held_(std::string(text)) {}
  Value(std::int64_t number) : held_(number) {}
  Value(int number) : held_(std::int64_t{number}) {}
  Value(Html markup) : held_(std::move(markup)) {}
  Value(Object object) : held_(std::move(object)) {}
  Value(List list) : held_(std::move(list)) {}

  [[nodiscard]] bool truthy() const;
  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&held_);
  }
  /// The text of a text or number; other values have none.
  [[nodiscard]] std::string text() const;

 private:
  std::variant<bool, std::int64_t, std::string, Html, Object, List> held_;
};

}  // namespace countersign::html
