#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "html/format.h"
#include "html/zone_rule.h"

namespace countersign::html {

/// A time zone of the tz database (RFC 8536): its transitions, and the rule after the last one, or from the beginning
/// if there are none. Immutable; thread-safe.
class Zone {
 public:
  Zone() = default;  ///< UTC.

  /// From the bytes of a file such as /usr/share/zoneinfo/America/Sao_Paulo; nothing if invalid. `name` is the zone's
  /// common name, for the few that the database only numbers.
  [[nodiscard]] static std::optional<Zone> parse(std::string_view tzif, std::string_view name);

  /// From a rule only, `<-03>3`; nothing if invalid.
  [[nodiscard]] static std::optional<Zone> by_rule(std::string_view rule, std::string_view name);

  [[nodiscard]] ZoneOffset at(WallTime time) const;

 private:
  struct Change {
    std::int64_t from;  ///< Seconds since the epoch.
    std::size_t kind;
  };
  std::vector<Change> changes_;
  std::vector<ZoneOffset> kinds_{{Duration{}, "UTC"}};
  std::string name_ = "UTC";
  std::optional<ZoneRule> rule_;
};

}  // namespace countersign::html
