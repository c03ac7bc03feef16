#include "domain/recovery.h"

#include <algorithm>

#include "base/secret.h"

namespace countersign::domain {

std::size_t RecoverySet::left() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(codes, [](const RecoveryCode& code) { return !code.digest.empty(); }));
}

bool asks_for_new_set(std::size_t left) { return left <= kFewRecoveryCodes; }

std::optional<std::size_t> find_code(const RecoverySet& set, FunctionRef<std::string(std::string_view)> digest_of) {
  std::optional<std::size_t> found;
  for (std::size_t at = 0; at < set.codes.size(); ++at) {
    const std::string digest = digest_of(set.codes[at].salt);
    if (equal_constant_time(set.codes[at].digest, digest)) found = at;
  }
  return found;
}

RecoverySet with_used(RecoverySet set, std::size_t at) {
  set.codes.at(at).digest.clear();
  return set;
}

}  // namespace countersign::domain
