#pragma once

#include <optional>
#include <string_view>

#include "usecase/problem.h"

namespace countersign::usecase {

/// What is wrong with the page's return address (`return_url`) or its language (`locale`), as given by an application;
/// nothing if both are valid. Either may be empty. domain::may_return_to decides which addresses a service allows.
[[nodiscard]] std::optional<Problem> page_terms_fault(std::string_view return_url, std::string_view locale);

}  // namespace countersign::usecase
