#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace countersign::http {

/// The fields of a form body or a query string, in the order sent; names may repeat and may be empty.
struct Form {
  std::vector<std::pair<std::string, std::string>> fields;

  /// The first value of that name.
  [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

/// Far more than any of our forms, and low enough that a body of separators costs little.
inline constexpr std::size_t kFormFieldsMax = 256;

/// Parses `application/x-www-form-urlencoded`: `+` is a space, an escape is a byte, a field without `=` has an empty
/// value, empty fields (`a=1&&b=2`) are skipped. Nothing for a broken escape, for names or values that are not UTF-8 or
/// contain a NUL, and for more than `fields_max` fields.
[[nodiscard]] std::optional<Form> parse_form(std::string_view text, std::size_t fields_max = kFormFieldsMax);

}  // namespace countersign::http
