#pragma once

namespace countersign::main {

/// Opens /dev/null for each closed descriptor from 0 to 2, so that no database, lock file or socket gets one of these
/// numbers: output on standard error would be written into it. Call before anything is opened. False if that fails;
/// nothing may be opened then.
[[nodiscard]] bool take_standard_descriptors();

}  // namespace countersign::main
