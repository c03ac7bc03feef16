#include "simulation/trace.h"

namespace countersign::simulation {

void Trace::note(WallTime now, std::string_view text) {
  std::string line = fmt::format("step {} {} {}", step_, to_rfc3339(now), text);
  for (const char c : line) {  // FNV-1a.
    digest_ ^= static_cast<unsigned char>(c);
    digest_ *= 0x100000001B3;
  }
  last_.push_back(std::move(line));
  if (last_.size() > kKept) last_.pop_front();
}

}  // namespace countersign::simulation
