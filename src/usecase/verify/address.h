#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contact/channel.h"
#include "usecase/contacts.h"
#include "usecase/verify/service.h"

namespace countersign::usecase::verify {

/// An address as this protocol takes them: E.164 with its plus, or an e-mail address. Nothing for anything else.
[[nodiscard]] std::optional<CheckedAddress> read_address(std::string_view to);

/// The same, where it must suit a channel and a service.
[[nodiscard]] Verdict<CheckedAddress> address_for(contact::Channel channel, std::string_view to,
                                                  const Service& service);

/// `mobile`, `landline`, `voip`, as the lookup of a verification calls them; empty where the plan does not say.
[[nodiscard]] std::string_view line_type(std::string_view to);

}  // namespace countersign::usecase::verify
