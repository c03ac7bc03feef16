#pragma once

#include <optional>
#include <string_view>

#include "contact/phone_number.h"

namespace countersign::contact {

/// The number of a person whom WhatsApp names by `id` (`from`, `wa_id`): digits, mostly E.164 without its `+`. Accounts
/// that are older than a change of a country's plan keep the number of before: in Brazil without the ninth digit, in
/// Mexico with a 1 behind the 52. nullopt for what is no number, such as the id of a person who hides hers.
[[nodiscard]] std::optional<PhoneNumber> phone_of_whatsapp_id(std::string_view id);

}  // namespace countersign::contact
