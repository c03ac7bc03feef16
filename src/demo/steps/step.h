#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace countersign::demo {

/// What was typed into a step, by field, exactly as it was: it is shown again until the person changes it.
using Fields = std::map<std::string, std::string, std::less<>>;

/// The value of a field; empty where it is not there.
[[nodiscard]] std::string_view field(const Fields& fields, std::string_view name);

/// What is to be put right: the text stands beside that field.
struct Fault {
  std::string field;
  std::string text;                              ///< A key of the catalogue.
  std::map<std::string, std::string> with = {};  ///< What is put into that text.
};

/// A step's value once it has no faults.
template <class T>
struct Checked {
  std::optional<T> value;
  std::vector<Fault> faults;
};

[[nodiscard]] std::string fields_to_json(const Fields& fields);
[[nodiscard]] Fields fields_from_json(std::string_view text);

/// Without what cannot be seen but changes how the rest reads (control characters, zero-width, direction marks), and
/// without white space at the ends; cut after `characters_max`. For texts that somebody will be shown to approve.
[[nodiscard]] std::string plain(std::string_view text, std::size_t characters_max);

/// Collects the faults of a step, field by field.
class Faults {
 public:
  void add(std::string_view field, std::string_view text, std::map<std::string, std::string> with = {}) {
    list_.push_back({std::string(field), std::string(text), std::move(with)});
  }
  /// A name that people will read: at most `characters_max`; where it is empty, the fault is `empty`.
  std::string name(const Fields& fields, std::string_view field, std::size_t characters_max, std::string_view empty,
                   std::map<std::string, std::string> with = {});

  /// The value that `make` gives, or the faults.
  template <class T>
  [[nodiscard]] Checked<T> conclude(T value) && {
    if (!list_.empty()) return {std::nullopt, std::move(list_)};
    return {std::move(value), {}};
  }

 private:
  std::vector<Fault> list_;
};

}  // namespace countersign::demo
