#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/method.h"

namespace countersign::domain::standing {

/// How a source counts: `not`, `founding`, `waited`, `vouched`, `repeat`. All but the first and the last mean "as its
/// own".
enum class Counted : std::uint8_t { kNot, kFounding, kWaited, kVouched, kRepeat };
[[nodiscard]] std::string_view to_text(Counted counted);
[[nodiscard]] std::optional<Counted> parse_counted(std::string_view text);

/// How the source of a proof counted when the proof was made. For the transaction this stays so, or is lost.
struct HowCounted {
  Counted counted = Counted::kNot;
  WallTime since;                   ///< The earliest hold for which it counts like this.
  std::optional<Method> repeat_of;  ///< Only with kRepeat.
  std::string shared_by = {};       ///< The service that bound it, if it shares it with this one. [STD-12]

  friend bool operator==(const HowCounted&, const HowCounted&) = default;
};

}  // namespace countersign::domain::standing
