#pragma once

#include "webauthn/public_suffix.h"

namespace countersign::main {

/// Read once, when it is first needed, from the list that is part of the program.
[[nodiscard]] const webauthn::PublicSuffixList& public_suffixes();

}  // namespace countersign::main
