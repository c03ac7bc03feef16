#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "webauthn/public_suffix.h"

namespace countersign::webauthn {

enum class RpIdFault {
  kEmpty,
  kNotHostName,  ///< a scheme, a port, a path, or characters that no host name has
  kNotAscii,     ///< a name in another script, which browsers compare in its ASCII form
  kIpAddress,
  kPublicSuffix,   ///< sites of others are under it, or could be
  kNotOfThisHost,  ///< neither the page's host nor a parent of it
};

struct RpIdProblem {
  RpIdFault fault;
  std::string remedy;  ///< a sentence for the operator that says what to write instead
};

/// Whether credentials can be made for `rp_id` on pages of `host`, the host of the address that people see (lower-case
/// ASCII, no port). Browsers demand that it is that host or a registrable parent of it (WebAuthn L3, 5.1.3 step 8;
/// HTML, "is a registrable domain suffix of or is equal to"). nullopt: yes. `localhost` is accepted on localhost.
[[nodiscard]] std::optional<RpIdProblem> judge_rp_id(std::string_view rp_id, std::string_view host,
                                                     const PublicSuffixList& suffixes);

}  // namespace countersign::webauthn
