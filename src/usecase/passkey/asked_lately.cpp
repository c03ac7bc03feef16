#include "usecase/passkey/asked_lately.h"

#include <algorithm>

namespace countersign::usecase {

const KnownPasskey* AskedPasskeys::find(std::string_view credential_id) const {
  const auto found = std::ranges::find_if(
      passkeys, [&](const KnownPasskey& known) { return known.record.credential_id == credential_id; });
  return found == passkeys.end() ? nullptr : &*found;
}

}  // namespace countersign::usecase
