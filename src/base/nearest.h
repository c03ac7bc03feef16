#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign {

/// What somebody who wrote `word` probably meant: the candidate with the fewest letters to change, or nothing where all
/// are too different, or `word` has more than 64 bytes.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace countersign
