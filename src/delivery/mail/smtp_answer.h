#pragma once

#include <string>
#include <string_view>

#include "delivery/ports.h"

namespace countersign::delivery {

/// The last answer of a mail server.
struct SmtpAnswer {
  int code = 0;          ///< `550`; 0: it has not answered.
  std::string enhanced;  ///< `5.1.1`; empty: it gave none. [RFC 3463]
};

/// Reads one line, such as `550 5.1.1 no such user` or `250-SIZE 1000`. Code 0 for anything else.
[[nodiscard]] SmtpAnswer read_smtp_answer(std::string_view line);

/// What a refusal means: by the enhanced code where the server gives one, otherwise by the first digit. A bare 550 says
/// not whether the person's address or ours is refused, so it is final without saying anything of the address.
[[nodiscard]] ProviderError provider_error_of(const SmtpAnswer& answer);

}  // namespace countersign::delivery
