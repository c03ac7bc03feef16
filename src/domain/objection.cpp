#include "domain/objection.h"

#include "base/secret.h"

namespace countersign::domain {

std::optional<ObjectionChecked> check_objection(ObjectionCode code, std::string_view submitted_digest, int attempts_max,
                                                WallTime now) {
  if (code.attempts >= attempts_max) return std::nullopt;
  ++code.attempts;
  const bool equal = equal_constant_time(code.digest, submitted_digest);
  if (code.digest.empty() || now >= code.expires_at) return ObjectionChecked{ObjectionOutcome::kOver, std::move(code)};
  if (!equal) return ObjectionChecked{ObjectionOutcome::kWrong, std::move(code)};
  code.digest.clear();
  return ObjectionChecked{ObjectionOutcome::kRight, std::move(code)};
}

}  // namespace countersign::domain
