#pragma once

#include "api/v1/fields.h"
#include "usecase/hold.h"

namespace countersign::api::v1 {

/// The body of `POST /v1/transactions`, read into a request; the Problem names the first field that does not fit.
[[nodiscard]] usecase::Answer<usecase::HoldRequest> read_hold(const json::object& body);

/// `{"channel", "address"}`.
[[nodiscard]] usecase::GivenContact read_contact(Fields& fields);
/// The member `contacts`, a list of such; empty where there is none.
[[nodiscard]] std::vector<usecase::GivenContact> read_contacts(Fields& fields);

}  // namespace countersign::api::v1
