#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/twilio/call.h"
#include "base/json.h"

namespace countersign::api::twilio {

/// Takes a form apart, parameter by parameter, and remembers the first thing that is wrong with it. A name that comes
/// more than once counts by its first value, except in lists. Absent ones are nothing; numbers and booleans are absent
/// when they are empty, too.
class Params {
 public:
  /// `form` must outlive this.
  explicit Params(const http::Form& form, Fault fault = Fault::kInvalidParameter) : form_(form), fault_(fault) {}

  /// In characters.
  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t max, std::size_t min = 0);
  [[nodiscard]] std::string required(std::string_view name, std::size_t max, std::size_t min = 1);
  /// A code as somebody typed it, in ASCII (base/typed.h), in characters. ASCII stays as it is, because the original
  /// takes no separators; what a paste or another keyboard brings along goes, separators too.
  [[nodiscard]] std::optional<std::string> code(std::string_view name, std::size_t max, std::size_t min = 0);
  [[nodiscard]] std::optional<std::string> one_of(std::string_view name, std::initializer_list<std::string_view> words);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  [[nodiscard]] std::optional<bool> boolean(std::string_view name);
  /// A JSON object in one value.
  [[nodiscard]] std::optional<json::object> object(std::string_view name, std::size_t bytes_max);
  [[nodiscard]] std::optional<WallTime> time(std::string_view name);
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;

  void refuse(std::string_view name);
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  const http::Form& form_;
  Fault fault_;
  std::optional<Refusal> refusal_;
};

/// Every value of it is a text.
[[nodiscard]] bool has_only_texts(const json::object& object);

}  // namespace countersign::api::twilio
