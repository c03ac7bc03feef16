#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "html/format.h"

namespace countersign::html {

/// A time zone of the tz database (RFC 8536), read once. Immutable; thread-safe.
class Zone {
 public:
  Zone() = default;  ///< UTC.

  /// From the bytes of a file such as /usr/share/zoneinfo/America/Sao_Paulo; nothing for anything else. `name` is what
  /// the zone is called, for the few that the database knows by a number alone.
  [[nodiscard]] static std::optional<Zone> parse(std::string_view tzif, std::string_view name);

  [[nodiscard]] ZoneOffset at(WallTime time) const;

 private:
  struct Change {
    std::int64_t from;  ///< Seconds since the epoch.
    std::size_t kind;
  };
  std::vector<Change> changes_;
  std::vector<ZoneOffset> kinds_{{Duration{}, "UTC"}};
};

}  // namespace countersign::html
