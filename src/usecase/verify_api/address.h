#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contact/channel.h"
#include "usecase/subject/contacts.h"
#include "usecase/verify_api/service.h"

namespace countersign::usecase::verify_api {

/// An address in the form of this protocol: E.164 with its plus, or an e-mail address. Nothing for anything else.
[[nodiscard]] std::optional<CheckedAddress> read_address(std::string_view to);

/// The same, if it is valid for a channel and a service.
[[nodiscard]] Verdict<CheckedAddress> address_for(contact::Channel channel, std::string_view to,
                                                  const Service& service);

/// `mobile`, `landline`, `voip`, as in the lookup of a verification; empty if the numbering plan does not say.
[[nodiscard]] std::string_view line_type(std::string_view to);

}  // namespace countersign::usecase::verify_api
