#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace countersign::demo {

/// The input of a step by field, unchanged: it is shown again until the person changes it.
using Fields = std::map<std::string, std::string, std::less<>>;

/// The value of a field; empty if absent.
[[nodiscard]] std::string_view field(const Fields& fields, std::string_view name);

/// An error, shown beside its field.
struct FieldError {
  std::string field;
  std::string text;                              ///< A key of the catalogue.
  std::map<std::string, std::string> with = {};  ///< Parameters of that text.
};

/// The step's value, if there are no faults.
template <class T>
struct Checked {
  std::optional<T> value;
  std::vector<FieldError> faults;
};

[[nodiscard]] std::string fields_to_json(const Fields& fields);
[[nodiscard]] Fields fields_from_json(std::string_view text);

/// Removes invisible characters that change how the rest reads (control characters, zero-width, direction marks) and
/// outer white space; cuts after `characters_max`. For texts shown for approval.
[[nodiscard]] std::string plain(std::string_view text, std::size_t characters_max);

/// Collects the faults of a step, by field.
class Faults {
 public:
  void add(std::string_view field, std::string_view text, std::map<std::string, std::string> with = {}) {
    list_.push_back({std::string(field), std::string(text), std::move(with)});
  }
  /// A name shown to people: at most `characters_max`; if it is empty, the fault is `empty`.
  std::string name(const Fields& fields, std::string_view field, std::size_t characters_max, std::string_view empty,
                   std::map<std::string, std::string> with = {});

  /// The result of `make`, or the faults.
  template <class T>
  [[nodiscard]] Checked<T> conclude(T value) && {
    if (!list_.empty()) return {std::nullopt, std::move(list_)};
    return {std::move(value), {}};
  }

 private:
  std::vector<FieldError> list_;
};

}  // namespace countersign::demo
