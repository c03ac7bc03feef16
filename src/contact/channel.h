#pragma once

#include <optional>
#include <string_view>

namespace countersign::contact {

/// How a message reaches a person.
enum class Channel { kSms, kCall, kWhatsapp, kEmail, kPush };

/// `sms`, `call`, `whatsapp`, `email`, `push`: the names in the API and in the store.
[[nodiscard]] std::string_view to_text(Channel channel);
/// Those names, lower case only.
[[nodiscard]] std::optional<Channel> parse_channel(std::string_view text);

/// The channel's address is a telephone number.
[[nodiscard]] bool uses_phone(Channel channel);

}  // namespace countersign::contact
