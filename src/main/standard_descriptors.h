#pragma once

namespace countersign::app {

/// Opens /dev/null in the place of whichever of the descriptors 0 to 2 is closed, so that no database, lock file or
/// socket is ever opened there: what is written to standard error would go into it. To be called before anything is
/// opened. False where that cannot be done; nothing may be opened then.
[[nodiscard]] bool take_standard_descriptors();

}  // namespace countersign::app
