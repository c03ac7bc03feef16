#pragma once

#include <span>
#include <string_view>

#include "base/embedded_file.h"

// Files of this folder, embedded in the program.
namespace countersign::demo {

/// Such as `data/banks.json`; an unknown name is a bug and ends the process.
[[nodiscard]] std::string_view file(std::string_view name);

[[nodiscard]] std::span<const EmbeddedFile> locales();
[[nodiscard]] std::span<const EmbeddedFile> templates();

}  // namespace countersign::demo
