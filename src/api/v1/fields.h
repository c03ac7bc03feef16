#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "usecase/problem.h"

namespace countersign::api::v1 {

/// A name that the client made up, if it is short and printable enough to be repeated to it.
[[nodiscard]] std::string_view repeatable_name(std::string_view name);

/// Takes a JSON object apart, field by field, and remembers the first thing that is wrong, so that a reader is a list
/// of fields and one question at the end. Only documented names are accepted. [API-7]
class Fields {
 public:
  /// `path` is the object's place in the body, `display.` say; empty for the body itself. `object` must outlive this.
  Fields(const json::object& object, std::string path, std::initializer_list<std::string_view> known);

  [[nodiscard]] std::string text(std::string_view name);   ///< Required.
  [[nodiscard]] SecretString code(std::string_view name);  ///< Required; as somebody typed it, in ASCII (base/typed.h).
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view name);
  [[nodiscard]] bool boolean(std::string_view name, bool otherwise);
  [[nodiscard]] const json::object* object(std::string_view name);  ///< Required; null where it is missing.
  [[nodiscard]] const json::object* optional_object(std::string_view name);
  [[nodiscard]] const json::array* optional_array(std::string_view name);
  [[nodiscard]] const json::value* any(std::string_view name);  ///< Of any type; null where it is missing.

  /// Takes over what was found wrong elsewhere.
  void absorb(const Fields& inner);
  void refuse(std::string_view name, std::string_view detail);

  [[nodiscard]] const std::optional<usecase::Problem>& problem() const { return problem_; }
  [[nodiscard]] std::string path_of(std::string_view name) const { return path_ + std::string(name); }

 private:
  const json::object& object_;
  std::string path_;
  std::optional<usecase::Problem> problem_;
};

}  // namespace countersign::api::v1
