#pragma once

#include <string>

#include "usecase/verify_api/code.h"

namespace countersign::api::twilio {

/// A verification in the form of Verifications.
[[nodiscard]] std::string verification_json(const usecase::verify_api::CodeView& view, const std::string& public_url);
/// The same in the form of VerificationCheck: without url, lookup and sends.
[[nodiscard]] std::string check_json(const usecase::verify_api::CodeView& view);

}  // namespace countersign::api::twilio
