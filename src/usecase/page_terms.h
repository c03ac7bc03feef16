#pragma once

#include <optional>
#include <string_view>

#include "usecase/problem.h"

namespace countersign::usecase {

/// What is wrong with where a page leads back to (`return_url`) or with the language that it is read in (`locale`), as
/// an application gives them; nothing where both may stand. Either may be empty. Which places a service allows is
/// domain::may_return_to.
[[nodiscard]] std::optional<Problem> page_terms_fault(std::string_view return_url, std::string_view locale);

}  // namespace countersign::usecase
