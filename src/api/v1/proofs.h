#pragma once

#include "api/v1/call.h"
#include "usecase/verification/check.h"

namespace countersign::api::v1 {

/// The answer to a check, by whatever method.
[[nodiscard]] http::Response approved_response(
    const Api& api, const TransactionId& id,
    const Result<usecase::Answer<usecase::Approved>, store::StoreError>& result);

}  // namespace countersign::api::v1
