#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/method.h"

namespace countersign::domain {

/// Title of the operation in which a person changes a factor: "Remove a passkey". `change`: 0 another name, 1 removal,
/// 2 it is kept.
[[nodiscard]] std::string_view change_title(std::string_view locale, Kind kind, int change);

/// The labels of the lines that such an operation shows.
struct ChangeWords {
  std::string_view name;
  std::string_view provider;
  std::string_view added;
};
[[nodiscard]] ChangeWords change_words(std::string_view locale);

/// The day of `time` in UTC as people write it: `30/11/2026`, `Nov 30, 2026`.
[[nodiscard]] std::string written_day(std::string_view locale, WallTime time);

/// Title of the page with the person's methods.
[[nodiscard]] std::string_view methods_title(std::string_view locale);

}  // namespace countersign::domain
