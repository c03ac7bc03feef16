#pragma once

#include <sys/types.h>

namespace countersign::bench {

/// Processor time of a process and its children, ended ones too: seconds, in steps of a clock tick.
[[nodiscard]] double processor_seconds_of(pid_t parent);

}  // namespace countersign::bench
