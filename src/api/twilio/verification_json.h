#pragma once

#include <string>

#include "usecase/verify/code.h"

namespace countersign::api::twilio {

/// A verification as Verifications answers it.
[[nodiscard]] std::string verification_json(const usecase::verify::CodeView& view, const std::string& public_url);
/// The same as VerificationCheck answers it: without url, lookup and sendings.
[[nodiscard]] std::string check_json(const usecase::verify::CodeView& view);

}  // namespace countersign::api::twilio
