#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "base/time.h"
#include "usecase/problem.h"

namespace countersign::api::v1 {

/// Error text for an invalid time.
inline constexpr std::string_view kMustBeATime =
    "must be a time with its offset, such as 2026-11-22T16:57:29.744Z or 2026-11-22T13:57-03:00";

/// A name from the client, if it is short and printable enough to repeat in an error.
[[nodiscard]] std::string_view repeatable_name(std::string_view name);

/// Reads a JSON object field by field and keeps the first error: a reader is a list of fields and one check at the end.
/// Unknown names are errors. [API-7]
class Fields {
 public:
  /// `path` is the object's position in the body, such as `display.`; empty for the body itself. `object` must outlive
  /// this.
  Fields(const json::object& object, std::string path, std::initializer_list<std::string_view> known);

  [[nodiscard]] std::string text(std::string_view name);   ///< Required.
  [[nodiscard]] SecretString code(std::string_view name);  ///< Required; as typed, in ASCII (base/typed.h).
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view name);
  [[nodiscard]] std::optional<WallTime> optional_time(std::string_view name);  ///< RFC 3339.
  [[nodiscard]] bool boolean(std::string_view name, bool otherwise);
  [[nodiscard]] const json::object* object(std::string_view name);  ///< Required; null if missing.
  [[nodiscard]] const json::object* optional_object(std::string_view name);
  [[nodiscard]] const json::array* optional_array(std::string_view name);
  [[nodiscard]] const json::value* any(std::string_view name);  ///< Of any type; null if missing.

  /// Takes over the error of another reader.
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
