#pragma once

#include "api/v1/fields.h"
#include "usecase/transaction/hold.h"

namespace countersign::api::v1 {

/// Reads the body of `POST /v1/transactions` into a request, and its `end_user_ip` into the caller; the Problem names
/// the first invalid field.
[[nodiscard]] usecase::Answer<usecase::HoldRequest> read_hold(const json::object& body, usecase::Caller& caller);

/// The member `end_user_ip`: the person's address, as seen by the application, for limits by address.
[[nodiscard]] std::optional<IpAddress> read_end_user(Fields& fields);

/// `{"channel", "address"}`.
[[nodiscard]] usecase::GivenContact read_contact(Fields& fields);
/// The member `contacts`, a list of them; empty if absent.
[[nodiscard]] std::vector<usecase::GivenContact> read_contacts(Fields& fields);

}  // namespace countersign::api::v1
