#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/twilio/call.h"
#include "base/json.h"

namespace countersign::api::twilio {

/// Reads a form's parameters and keeps the first error. A repeated name counts by its first value, except in lists. A
/// missing parameter is nothing; an empty number or boolean counts as missing.
class Params {
 public:
  /// `form` must outlive this.
  explicit Params(const http::Form& form, ErrorCode fault = ErrorCode::kInvalidParameter)
      : form_(form), fault_(fault) {}

  /// Lengths are in characters.
  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t max, std::size_t min = 0);
  [[nodiscard]] std::string required(std::string_view name, std::size_t max, std::size_t min = 1);
  /// A code as typed, in ASCII (base/typed.h); lengths are in characters. ASCII separators are kept, because Twilio
  /// accepts none; what pasting or another keyboard adds is removed, separators included.
  [[nodiscard]] std::optional<std::string> code(std::string_view name, std::size_t max, std::size_t min = 0);
  [[nodiscard]] std::optional<std::string> one_of(std::string_view name, std::initializer_list<std::string_view> words);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  [[nodiscard]] std::optional<bool> boolean(std::string_view name);
  /// A JSON object in one parameter.
  [[nodiscard]] std::optional<json::object> object(std::string_view name, std::size_t bytes_max);
  [[nodiscard]] std::optional<WallTime> time(std::string_view name);
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;

  void refuse(std::string_view name);
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  const http::Form& form_;
  ErrorCode fault_;
  std::optional<Refusal> refusal_;
};

/// Whether all values are strings.
[[nodiscard]] bool has_only_texts(const json::object& object);

}  // namespace countersign::api::twilio
