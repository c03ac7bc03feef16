#pragma once

#include "webauthn/public_suffix.h"

namespace countersign::main {

/// The list that is part of the program, sorted by config/public_suffixes/generate.py: nothing is parsed.
[[nodiscard]] const webauthn::PublicSuffixList& public_suffixes();

}  // namespace countersign::main
