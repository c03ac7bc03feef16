#pragma once

#include "api/v1/fields.h"
#include "usecase/hold.h"

namespace countersign::api::v1 {

/// The body of `POST /v1/transactions`, read into a request, and its `end_user_ip` into the caller; the Problem names
/// the first field that does not fit.
[[nodiscard]] usecase::Answer<usecase::HoldRequest> read_hold(const json::object& body, usecase::Caller& caller);

/// The member `end_user_ip`: the person's own address, as the application saw it; what limits by address count.
[[nodiscard]] std::optional<IpAddress> read_end_user(Fields& fields);

/// `{"channel", "address"}`.
[[nodiscard]] usecase::GivenContact read_contact(Fields& fields);
/// The member `contacts`, a list of such; empty where there is none.
[[nodiscard]] std::vector<usecase::GivenContact> read_contacts(Fields& fields);

}  // namespace countersign::api::v1
